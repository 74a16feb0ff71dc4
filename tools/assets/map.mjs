// Draws the map of the United States that pages of demand stand on: outlines as SVG, and where each labour market lies on it.
// Everything is projected here, once, so that no server and no browser has to: `make assets`.
import { readFileSync, writeFileSync } from "node:fs";
import { geoAlbersUsa, geoConicEqualArea } from "d3-geo";
import { merge, mesh } from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

const ROOT = new URL("../../", import.meta.url);
const MAPS = new URL("shared/makersync/makersync/pages/maps/", ROOT);
const REFERENCE = new URL("shared/reference/reference/", ROOT);
const WIDTH = 975, HEIGHT = 610;
// Lines are drawn to a tenth of a unit. What is smaller than so many square units is left out of an outline.
const TENTHS = 10, LEAST_OF_STATES = 0.3, LEAST_OF_COUNTIES = 2;
// The projection of us-atlas's projected files, and one for the islands that it leaves out, half as large again.
const STATES = geoAlbersUsa().scale(1300).translate([WIDTH / 2, HEIGHT / 2]);
const ISLANDS = geoConicEqualArea().rotate([66, 0]).center([0, 18.2]).parallels([8, 18]).scale(1950).translate([905, 545]);
const OF_ISLANDS = ["72", "78"];

const atlas = (name) => JSON.parse(readFileSync(new URL(`node_modules/us-atlas/${name}.json`, import.meta.url)));
const stateOf = (county) => county.id.slice(0, 2);
const projected = atlas("counties-albers-10m"), degrees = atlas("counties-10m");
const islands = onIslands();

write("us.svg", { land: land(LEAST_OF_STATES), borders: borders(LEAST_OF_STATES) });
write("us-counties.svg", { counties: counties(LEAST_OF_COUNTIES) });
writePoints();

function land(least) {
  const topology = simplify(presimplify(projected), least);
  return [...merge(topology, topology.objects.states.geometries).coordinates.flat(), ...islands.land];
}

function borders(least) {
  const topology = simplify(presimplify(projected), least);
  return mesh(topology, topology.objects.states, (a, b) => a !== b).coordinates;
}

function counties(least) {
  const topology = simplify(presimplify(projected), least);
  const inner = mesh(topology, topology.objects.counties, (a, b) => a !== b && stateOf(a) === stateOf(b)).coordinates;
  return [...inner, ...islands.counties];
}

// Puerto Rico and the Virgin Islands, in the units of the map.
function onIslands() {
  const ours = degrees.objects.counties.geometries.filter((each) => OF_ISLANDS.includes(stateOf(each)));
  const collection = { type: "GeometryCollection", geometries: ours };
  const project = (line) => line.map(ISLANDS);
  return {
    land: merge(degrees, ours).coordinates.flat().map(project),
    counties: mesh(degrees, collection, (a, b) => a !== b).coordinates.map(project),
  };
}

function write(name, paths) {
  const drawn = Object.entries(paths).map(([id, lines]) =>
    `<path id="${id}" transform="scale(.1)" vector-effect="non-scaling-stroke" d="${lines.map((line) => path(line, id === "land")).join("")}"/>\n`);
  writeFileSync(new URL(name, MAPS), `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}">\n${drawn.join("")}</svg>\n`);
}

// A line in tenths, each place as its distance from the one before: a third of the bytes of absolute places.
function path(line, closes) {
  const places = line.map(([x, y]) => [Math.round(TENTHS * x), Math.round(TENTHS * y)]);
  const steps = places.slice(1).map(([x, y], before) => [x - places[before][0], y - places[before][1]]);
  const moved = steps.filter(([x, y]) => x || y).map(([x, y]) => `${x}${y < 0 ? "" : " "}${y}`);
  if (!moved.length) return "";
  if (closes) moved.pop();
  const joined = moved.reduce((all, each) => all + (all && !each.startsWith("-") ? " " : "") + each, "");
  return `M${places[0].join(" ")}l${joined}${closes ? "z" : ""}`;
}

// Regions that lie elsewhere have no place on the map.
function writePoints() {
  const [, ...rows] = readFileSync(new URL("regions.csv", REFERENCE), "utf8").trim().split("\n");
  const lines = rows.flatMap((row) => {
    const [region, lat, lon] = [row.split(",")[0], ...row.split(",").slice(-2)];
    const place = placeOf([Number(lon), Number(lat)]);
    return place ? [`${region},${lat},${lon},${place.map((each) => each.toFixed(1)).join()}`] : [];
  });
  writeFileSync(new URL("map_points.csv", REFERENCE), ["region,lat,lon,x,y", ...lines, ""].join("\n"));
}

function placeOf([lon, lat]) {
  const onIsland = lon > -68 && lon < -64 && lat > 17 && lat < 19;
  return onIsland ? ISLANDS([lon, lat]) : STATES([lon, lat]);
}
