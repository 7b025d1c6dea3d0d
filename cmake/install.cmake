# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where. Everything finds everything else by relative paths, so the
# prefix can be moved.

if(NOT TARGET facesearch)
  return()
endif()

# OpenVINO from a Python wheel is not where the loader looks: then the part of it that is needed
# goes into lib/facesearch. These six files are the least that works: without the IR frontend the
# model cache never hits.
set(runtime_dir ${CMAKE_INSTALL_LIBDIR}/facesearch)
get_target_property(openvino_c openvino::runtime::c IMPORTED_LOCATION_RELEASE)
get_filename_component(openvino_libs ${openvino_c} DIRECTORY)
get_filename_component(openvino_c_name ${openvino_c} NAME)
set(openvino_files)
if(NOT openvino_libs IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
  file(GLOB openvino_files
       ${openvino_libs}/libopenvino.so.* ${openvino_libs}/libopenvino_c.so.*
       ${openvino_libs}/libopenvino_*_cpu_plugin.so ${openvino_libs}/libopenvino_onnx_frontend.so.*
       ${openvino_libs}/libopenvino_ir_frontend.so.* ${openvino_libs}/libtbb.so.*)
  list(LENGTH openvino_files openvino_file_count)
endif()

file(RELATIVE_PATH libdir_from_bindir ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(facesearch PROPERTIES INSTALL_RPATH "$ORIGIN/${libdir_from_bindir}")
if(NOT openvino_files)
  set(pc_openvino "-lopenvino_c")
elseif(openvino_file_count EQUAL 6)
  set_target_properties(shared PROPERTIES INSTALL_RPATH "$ORIGIN/facesearch")
  set(pc_openvino
      "-L\${libdir}/facesearch -Wl,-rpath,\${libdir}/facesearch -l:${openvino_c_name}")
  install(PROGRAMS ${openvino_files} DESTINATION ${runtime_dir})
  get_filename_component(openvino_root ${openvino_libs} DIRECTORY)
  install(DIRECTORY ${openvino_root}/licenses/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/openvino
          OPTIONAL)
else()
  # Another layout, such as Intel's archive: it stays where it is.
  set_target_properties(shared PROPERTIES INSTALL_RPATH ${openvino_libs})
  set(pc_openvino "-L${openvino_libs} -Wl,-rpath,${openvino_libs} -l:${openvino_c_name}")
endif()

install(TARGETS facesearch shared static)
install(DIRECTORY include/facesearch DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Only the static library needs the others named. They are not in Requires.private: that would ask
# every user of the shared library for their development packages.
set(pc_private ${VIPS_LDFLAGS} ${CJSON_LDFLAGS} ${CRYPTO_LDFLAGS} ${ARCHIVE_LDFLAGS} ${CURL_LDFLAGS})
list(REMOVE_DUPLICATES pc_private)
foreach(folder IN LISTS CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
  list(REMOVE_ITEM pc_private -L${folder})
endforeach()
list(JOIN pc_private " " pc_private)
file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
configure_file(cmake/facesearch.pc.in facesearch.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/facesearch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES man/facesearch.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES completions/facesearch.bash RENAME facesearch
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_facesearch DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/facesearch.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# The default pack, with its licence, where scripts/setup has put it.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/build/models/faceplugin
        DESTINATION ${CMAKE_INSTALL_DATADIR}/facesearch/models OPTIONAL)
install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
