# SPDX-License-Identifier: Apache-2.0
# Files as data of a program, without a tool beside CMake.
#
#   fse_embed(target symbol [files...])
#
# adds to the target a C file that defines
#
#   const struct fse_embedded_file { const char *name; const char *data; size_t size; } symbol[];
#   const size_t symbol_count;
#
# name is the file's name without its folder; data is followed by a NUL that size does not count.
# The users declare both themselves. The order is that of the arguments.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(FSE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

  function(fse_embed target symbol)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/embed/${target}_${symbol}.c)
    set(files)
    foreach(file IN LISTS ARGN)
      get_filename_component(path ${file} ABSOLUTE)
      list(APPEND files ${path})
    endforeach()
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DOUTPUT=${output} "-DFILES=${files}"
              -P ${FSE_EMBED_SCRIPT}
      DEPENDS ${files} ${FSE_EMBED_SCRIPT}
      COMMENT "Embedding ${symbol}"
      VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

set(arrays)
set(entries)
set(count 0)
foreach(path IN LISTS FILES)
  file(READ ${path} hex HEX)
  file(SIZE ${path} size)
  get_filename_component(name ${path} NAME)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(APPEND arrays "static const unsigned char data_${count}[] = {\n${hex}0};\n")
  string(APPEND entries "    {\"${name}\", (const char *)data_${count}, ${size}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT} "/* Made by cmake/embed.cmake. */
#include <stddef.h>

struct fse_embedded_file {
    const char *name;
    const char *data;
    size_t size;
};

${arrays}
extern const struct fse_embedded_file ${SYMBOL}[];
extern const size_t ${SYMBOL}_count;

const struct fse_embedded_file ${SYMBOL}[] = {
${entries}    {NULL, NULL, 0},
};
const size_t ${SYMBOL}_count = ${count};
")
