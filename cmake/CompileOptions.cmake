# How everything of ours is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(adieu_options INTERFACE)
target_compile_options(
  adieu_options
  INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
            -Wno-missing-field-initializers
            $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# GCC 12 at -O3 takes "text" + std::string for an overlapping copy (GCC bug 105651); only the preset bench has -O3.
add_compile_options($<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
target_include_directories(adieu_options INTERFACE "${CMAKE_SOURCE_DIR}")

if(ADIEU_SANITIZE)
  add_compile_options("-fsanitize=${ADIEU_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options("-fsanitize=${ADIEU_SANITIZE}")
  if(ADIEU_SANITIZE MATCHES "thread")
    # protobuf lays its maps out in another way when it sees this, and then does not fit Debian's library.
    add_compile_options(-U__SANITIZE_THREAD__)
  endif()
endif()
