# SPDX-License-Identifier: Apache-2.0
# How everything is compiled and linked.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64)

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wundef -Wcast-align -Wpointer-arith -Wformat=2 -Wwrite-strings)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wlogical-op -Wduplicated-cond)
elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wunreachable-code-break)
endif()
if(FSE_WERROR)
  add_compile_options(-Werror)
endif()

# Scores are the same on every CPU and compiler: no multiply and add is fused behind our back. For
# the same reason there is no -march=native and no -ffast-math here.
add_compile_options(-ffp-contract=off)

# CMake's own choice for Release is -O3, which buys nothing measurable here: the time goes to the
# codecs, OpenVINO and kernels written with intrinsics.
string(REPLACE "-O3" "-O2" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

include(CheckPIESupported)
check_pie_supported()

if(FSE_SANITIZE)
  add_compile_options(-fsanitize=${FSE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FSE_SANITIZE})
  if(FSE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
  # Hardening, as distributions have it. -U first: some compilers predefine it.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                      -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
    add_compile_options(-fcf-protection)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    add_compile_options(-mbranch-protection=standard)
  endif()
  add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,-z,defs)
endif()
add_link_options(-Wl,--as-needed)
