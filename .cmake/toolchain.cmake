# Flags, the compiler cache and the linker: what every target shares.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Assertions stay on in every build: no build type defines NDEBUG.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

# A run is the same bit for bit on every machine and build type, so no fused multiply-add
# where one compiler would and another would not.
add_compile_options(-Wall -Wextra -Wpedantic -ffp-contract=off)

if(LIGHTCONE_SANITIZE)
    add_compile_options(-fsanitize=${LIGHTCONE_SANITIZE} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${LIGHTCONE_SANITIZE})
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        # GCC takes the sanitizers' own bookkeeping for uses of what is not initialized, and says of
        # each of Asio's fences that the thread sanitizer does not see it.
        add_compile_options(-Wno-maybe-uninitialized -Wno-tsan)
    endif()
endif()
if(LIGHTCONE_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "LIGHTCONE_FUZZ needs clang: libFuzzer is part of it.")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(LIGHTCONE_MOLD mold)
if(LIGHTCONE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# Paths are hashed relative to the source tree, so that two clones of the same code share
# what they compiled. The precompiled header needs the sloppiness and the flag beside it.
find_program(LIGHTCONE_CCACHE ccache)
find_program(LIGHTCONE_ENV env)
if(LIGHTCONE_CCACHE AND LIGHTCONE_ENV)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${LIGHTCONE_ENV} CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${LIGHTCONE_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
else()
    add_compile_options(-fpch-preprocess)
endif()

# moc 6.4 stops with `Parse error at "std"` on headers that reach <concepts> or <compare>.
set(CMAKE_AUTOMOC_MOC_OPTIONS "-D_GLIBCXX_VISIBILITY=")
# moc reads sources only: it need not wait for the libraries that its target links.
set(CMAKE_AUTOGEN_ORIGIN_DEPENDS OFF)
