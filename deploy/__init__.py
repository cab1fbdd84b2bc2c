"""How the product is set up and run: launcher, images, topics, dashboards."""
