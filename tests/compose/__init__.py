"""The images and the compose file: built, brought up, driven through the published ports, hurt, and compared."""
