// Holds the shared precompiled headers (see the CMakeLists.txt at the top); has no code.
