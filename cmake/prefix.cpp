// There is nothing to compile: the headers that this target reads beforehand are the point.
