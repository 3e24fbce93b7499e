-- Not Jitsi's: answers /health on the HTTP port, as the module of that name in its image does.
module:set_global();
module:depends("http");
module:provides("http", { default_path = "/health", route = { GET = function() return "ok"; end } });
