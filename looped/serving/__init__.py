"""What stands between the library and a page: the engine that runs models, and the message a browser is sent."""
