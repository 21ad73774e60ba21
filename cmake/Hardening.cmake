# What makes a fault in the programs harder to use, by the lists of Debian (dpkg-buildflags hardening=+all) and the OpenSSF
# for GCC 12. tests/supply/hardening.py looks whether it is in the programs that were built.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)

check_pie_supported()

# Each processor has its own of the last two.
foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "ADIEU_HAS${flag}" supported)
  check_cxx_compiler_flag(${flag} ${supported})
  if(${supported})
    add_compile_options(${flag})
  endif()
endforeach()
add_compile_options(-Wformat -Werror=format-security)

# An index past the end of a container of the standard library ends the process.
add_compile_definitions(_GLIBCXX_ASSERTIONS)

# Checks of the C library's functions. It needs an optimising compiler, and takes their calls away from the sanitizers.
if(NOT ADIEU_SANITIZE)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()

add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
