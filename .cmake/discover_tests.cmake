# Runs when ctest starts: lists the tests of `program` and registers each under the label its
# file's name asks for. Instances of one parameterised test stay together in one ctest entry.
# In: program, name, label (overrides the file's), environment.

cmake_policy(VERSION 3.23)

if(NOT EXISTS "${program}")
    add_test("${name}.not_built" "${program}")
    return()
endif()

set(listing "${program}_tests.cmake")
if(NOT EXISTS "${listing}" OR "${program}" IS_NEWER_THAN "${listing}"
   OR "${CMAKE_CURRENT_LIST_FILE}" IS_NEWER_THAN "${listing}")
    set(json "${program}_tests.json")
    set(ENV{QT_QPA_PLATFORM} offscreen)
    execute_process(COMMAND "${program}" --gtest_list_tests "--gtest_output=json:${json}"
                    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${program} cannot list its tests: ${output}")
    endif()
    # Pretty-printed by GoogleTest: a suite's name is indented by six, a test's by ten.
    file(STRINGS "${json}" lines REGEX "^ +\"(name|file)\": ")
    set(suite "")
    set(test "")
    set(seen "")
    set(script "")
    foreach(line IN LISTS lines)
        string(REPLACE "\\/" "/" line "${line}")
        if(line MATCHES "^      \"name\": \"(.*)\",$")
            set(suite "${CMAKE_MATCH_1}")
        elseif(line MATCHES "^          \"name\": \"(.*)\",$")
            set(test "${CMAKE_MATCH_1}")
        elseif(line MATCHES "^          \"file\": \"(.*)\",$")
            set(file "${CMAKE_MATCH_1}")
            set(filter "${suite}.${test}")
            string(REGEX REPLACE "/[^./]+$" "/*" filter "${filter}")
            if(filter IN_LIST seen)
                continue()
            endif()
            list(APPEND seen "${filter}")
            set(kind unit)
            if(label)
                set(kind "${label}")
            elseif(file MATCHES "_(script|paper|seeds|net)_test\\.cpp$")
                set(kind "${CMAKE_MATCH_1}")
            endif()
            set(timeout 120)
            if(kind STREQUAL "seeds")
                set(timeout 1800)
            elseif(kind STREQUAL "net")
                set(timeout 600)
            endif()
            string(REGEX REPLACE "/\\*$" "" shown "${filter}")
            string(REGEX REPLACE "^test_" "" room "${name}")
            string(APPEND script
                   "add_test([==[${room}: ${shown}]==] [==[${program}]==] "
                   "[==[--gtest_filter=${filter}]==] --gtest_brief=1)\n"
                   "set_tests_properties([==[${room}: ${shown}]==] PROPERTIES "
                   "LABELS ${kind} TIMEOUT ${timeout} ENVIRONMENT [==[${environment}]==])\n")
        endif()
    endforeach()
    file(WRITE "${listing}" "${script}")
endif()
include("${listing}")
