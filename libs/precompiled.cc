// Holds the shared precompiled headers (see CMakeLists.txt beside this file); has no code.
