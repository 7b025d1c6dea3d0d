# SPDX-License-Identifier: Apache-2.0
# The libraries outside. scripts/setup gets what is missing.

set(FSE_SETUP_DIR ${CMAKE_SOURCE_DIR}/build/setup)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
# 8.14: vips_block_untrusted_set() and vips_operation_block_set() are from 8.13, and 8.14 is the
# oldest that was tried.
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips>=8.14)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
# 3.37: STRICT tables.
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.37)
set(FSE_LIBRARIES PkgConfig::VIPS PkgConfig::CJSON PkgConfig::CRYPTO PkgConfig::ARCHIVE
    PkgConfig::SQLITE)
set(FSE_PC_REQUIRES "vips libcjson libcrypto libarchive sqlite3")
if(FSE_WITH_CURL)
  # 7.85: CURLOPT_PROTOCOLS_STR and CURLOPT_REDIR_PROTOCOLS_STR.
  pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.85)
  list(APPEND FSE_LIBRARIES PkgConfig::CURL)
  string(APPEND FSE_PC_REQUIRES " libcurl")
endif()
list(APPEND FSE_LIBRARIES Threads::Threads m)

# The system's OpenVINO if there is one (PATHS come last), else what scripts/setup unpacked.
if(FSE_WITH_OPENVINO)
  find_package(OpenVINO QUIET COMPONENTS Runtime ONNX PATHS ${FSE_SETUP_DIR}/openvino/cmake)
  if(NOT OpenVINO_FOUND)
    message(FATAL_ERROR "OpenVINO was not found. `scripts/setup` gets it; or name the folder of "
                        "its OpenVINOConfig.cmake with -DOpenVINO_DIR=, or build without it with "
                        "-DFSE_WITH_OPENVINO=OFF.")
  endif()
endif()
