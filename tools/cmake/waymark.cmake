# The four target kinds of this repository. Each is a thin line over CMake's own commands, so that a
# folder's CMakeLists.txt lists only sources and what they may include: the dependency rule of the
# design is what is (and is not) named behind LINK.

# The services there are, in the order of deploy/services.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/deploy/services)
file(STRINGS ${CMAKE_SOURCE_DIR}/deploy/services WAYMARK_SERVICES REGEX "^[a-z]")
list(TRANSFORM WAYMARK_SERVICES REPLACE " .*" "")

find_program(CCACHE ccache)
if(CCACHE)
  # base_dir and no cwd in the hash: two checkouts, or two build folders, share what they compiled.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

# absl::Mutex told to ThreadSanitizer: see tsan_mutex.cc.
if(CMAKE_CXX_FLAGS MATCHES "fsanitize=thread")
  add_library(tsan_mutex OBJECT ${CMAKE_CURRENT_LIST_DIR}/tsan_mutex.cc)
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/tsan_mutex.cc wrapped REGEX "_ZN4absl")
  foreach(line ${wrapped})
    string(REGEX MATCH "_ZN4absl[0-9A-Za-z_]+" function "${line}")
    add_link_options(-Wl,--wrap=${function})
  endforeach()
  link_libraries($<TARGET_OBJECTS:tsan_mutex>)
endif()

add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers)
# g++ 12 sees an overlap in `text = "{"` when it inlines at -O3 (GCC bug 105651): release only.
add_compile_options($<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>)

# waymark_library(NAME SOURCES a.cc b.cc LINK target...): a static library seen from the root.
function(waymark_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_LINK})
endfunction()

# waymark_program(NAME SOURCES main.cc LINK target...): an executable, put in <build>/bin.
function(waymark_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# waymark_test(NAME SOURCES x_test.cc LINK target... [LABELS postgres]): one GoogleTest program a
# folder; pure tests need nothing, programs labelled `postgres` start their own private cluster.
function(waymark_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
endfunction()

# waymark_pathway(NAME SOURCES a.cc b.cc... [CLIENTS clients/other.cc...] [LINK other_grpc...]
# TESTS x_test.cc...): everything of a pathway. The library NAME is pure: nothing in it can reach gRPC
# or PostgreSQL. NAME_service serves it, waymark-NAME is the program, NAME_story (testing/story.cc)
# helps its tests NAME_test and NAME_pgtest (NAME_pgtest.cc).
function(waymark_pathway name)
  cmake_parse_arguments(arg "" "" "SOURCES;CLIENTS;LINK;TESTS" ${ARGN})
  waymark_library(${name} SOURCES ${arg_SOURCES}
    LINK ${name}_proto casework casework_told common_civil common_ids common_status)
  waymark_library(${name}_service SOURCES ${name}_service.cc ${arg_CLIENTS}
    LINK ${name} ${name}_grpc casework_pathway ${arg_LINK})
  waymark_program(waymark-${name} SOURCES main.cc LINK ${name}_service)
  install(TARGETS waymark-${name} DESTINATION lib/waymark)
  install(DIRECTORY protocols/ DESTINATION share/waymark/protocols/${name}
    FILES_MATCHING PATTERN "*.textproto" PATTERN "RELEASED")
  waymark_library(${name}_story SOURCES testing/story.cc LINK ${name} casework_story)
  waymark_test(${name}_test SOURCES ${arg_TESTS} LINK ${name}_story)
  waymark_test(${name}_pgtest SOURCES ${name}_pgtest.cc
    LINK ${name}_story casework_store common_testing LABELS postgres)
endfunction()

# waymark_proto(NAME FILES a.proto... LINK other_proto...): messages only.
# waymark_grpc(NAME FILES a_service.proto LINK x_proto): the stubs, apart, so that a pure target can
# link messages without being able to reach gRPC.
function(waymark_generate name plugin suffix)
  cmake_parse_arguments(arg "" "" "FILES;LINK" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/proto_gen)
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(file ${arg_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    set(made ${out}/${stem}${suffix}.cc ${out}/${stem}${suffix}.h)
    add_custom_command(
      OUTPUT ${made}
      COMMAND protobuf::protoc ${plugin} -I ${CMAKE_SOURCE_DIR}/proto ${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${file} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/proto VERBATIM)
    list(APPEND sources ${made})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_compile_options(${name} PRIVATE -w)
  target_link_libraries(${name} PUBLIC ${arg_LINK})
endfunction()

function(waymark_proto name)
  waymark_generate(${name} "--cpp_out=${CMAKE_BINARY_DIR}/proto_gen" ".pb" ${ARGN})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
endfunction()

function(waymark_grpc name)
  waymark_generate(${name}
    "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>;--grpc_out=${CMAKE_BINARY_DIR}/proto_gen"
    ".grpc.pb" ${ARGN})
  target_link_libraries(${name} PUBLIC gRPC::grpc++)
endfunction()
