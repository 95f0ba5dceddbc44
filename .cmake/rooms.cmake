# A room is a folder, a namespace and a target at once. Sources are found by listing the
# folder at each build, so a new file needs no edit here.

include_guard(GLOBAL)

# Sources of `folder` (relative to the project's root) into `result`.
function(lightcone_sources result folder)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS
         "${PROJECT_SOURCE_DIR}/${folder}/*.cpp" "${PROJECT_SOURCE_DIR}/${folder}/*.h")
    set(${result} "${found}" PARENT_SCOPE)
endfunction()

# The precompiled header of one side of the house: engine, views, tests or view_tests.
function(lightcone_use_pch target side)
    if(LIGHTCONE_PCH AND TARGET lightcone_${side}_pch)
        target_precompile_headers(${target} REUSE_FROM lightcone_${side}_pch)
    endif()
endfunction()

# HOUSE: headers of our own that most sources of that side reach. Only where a build is made from
# nothing and not changed: with them, a change to one of them is a change to all sources.
function(lightcone_add_pch side)
    cmake_parse_arguments(ARG "" "" "HEADERS;HOUSE;LIBRARIES" ${ARGN})
    if(NOT LIGHTCONE_PCH)
        return()
    endif()
    set(source "${CMAKE_CURRENT_BINARY_DIR}/lightcone_${side}_pch.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "// Carries the precompiled header.\n")
    add_library(lightcone_${side}_pch OBJECT "${source}")
    target_link_libraries(lightcone_${side}_pch PUBLIC ${ARG_LIBRARIES})
    target_precompile_headers(lightcone_${side}_pch PRIVATE ${ARG_HEADERS})
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
        list(TRANSFORM ARG_HOUSE PREPEND "${PROJECT_SOURCE_DIR}/")
        target_precompile_headers(lightcone_${side}_pch PRIVATE ${ARG_HOUSE})
        target_include_directories(lightcone_${side}_pch PRIVATE "${PROJECT_SOURCE_DIR}")
    endif()
    set_target_properties(lightcone_${side}_pch PROPERTIES AUTOMOC OFF)
endfunction()

# lightcone_room(NAME <target> FOLDER <folder> SIDE engine|views LIBRARIES <lower rooms…>)
# A folder without a .cpp, or one that is still empty, becomes an interface target.
function(lightcone_room)
    cmake_parse_arguments(ARG "" "NAME;FOLDER;SIDE" "LIBRARIES" ${ARGN})
    lightcone_sources(sources ${ARG_FOLDER})
    if(sources MATCHES "\\.cpp(;|$)")
        add_library(${ARG_NAME} STATIC ${sources})
        target_include_directories(${ARG_NAME} PUBLIC "${PROJECT_SOURCE_DIR}")
        target_link_libraries(${ARG_NAME} PUBLIC ${ARG_LIBRARIES})
        lightcone_use_pch(${ARG_NAME} ${ARG_SIDE})
    else()
        add_library(${ARG_NAME} INTERFACE)
        target_include_directories(${ARG_NAME} INTERFACE "${PROJECT_SOURCE_DIR}")
        target_link_libraries(${ARG_NAME} INTERFACE ${ARG_LIBRARIES})
    endif()
endfunction()

# lightcone_program(NAME <program> FOLDER <folder> SIDE engine|views LIBRARIES …)
# The program exists as soon as its folder has a .cpp.
function(lightcone_program)
    cmake_parse_arguments(ARG "" "NAME;FOLDER;SIDE" "LIBRARIES" ${ARGN})
    lightcone_sources(sources ${ARG_FOLDER})
    if(NOT sources MATCHES "\\.cpp(;|$)")
        return()
    endif()
    add_executable(${ARG_NAME} ${sources})
    target_include_directories(${ARG_NAME} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(${ARG_NAME} PRIVATE
        LIGHTCONE_VERSION="${PROJECT_VERSION}"
        LIGHTCONE_RESOURCE_DIR="${PROJECT_SOURCE_DIR}/resources")
    target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES})
    lightcone_use_pch(${ARG_NAME} ${ARG_SIDE})
endfunction()
