# Headers that most files read are parsed once. Off in release, bench and clang: there a file that includes too little
# does not compile.
option(ADIEU_PRECOMPILE "Parse common headers once" OFF)

if(ADIEU_PRECOMPILE)
  # What ccache needs to keep what was compiled with them. And GCC 12 no longer knows which of them are not ours, and
  # finds std::string out of its bounds (GCC bug 105651). One macro more or less, and GCC does not take them at all.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-pthread$<SEMICOLON>-fpch-preprocess$<SEMICOLON>-Wno-array-bounds$<SEMICOLON>-Wno-stringop-overflow>)
  if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
    list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros)
  endif()
endif()

set(precompiled_headers
    <algorithm>
    <chrono>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <string>
    <string_view>
    <unordered_map>
    <utility>
    <vector>
    <adieu/v1/call_control_service.pb.h>
    <adieu/v1/cancel_policy_service.pb.h>)

# adieu_precompiled(OWNER HEADERS...): an object library for adieu_precompile, compiled as those that name it.
function(adieu_precompiled owner)
  if(NOT ADIEU_PRECOMPILE)
    return()
  endif()
  file(TOUCH "${CMAKE_BINARY_DIR}/empty.cc")
  add_library(${owner} OBJECT "${CMAKE_BINARY_DIR}/empty.cc")
  target_link_libraries(${owner} PRIVATE adieu_proto adieu_options)
  target_precompile_headers(${owner} PRIVATE ${precompiled_headers} ${ARGN})
endfunction()

# adieu_precompile(TARGET OWNER): the target reads the headers of that owner first.
function(adieu_precompile target owner)
  if(ADIEU_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()
