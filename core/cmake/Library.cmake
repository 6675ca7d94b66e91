# librvm.so and librvm.a from the objects of the core's libraries, and what an embedder needs beside them.
#
# librvm.so exports the C API <rvm/rvm.h> alone, under one symbol version; a C++ API across a shared library would promise
# the layout of the standard library's types. librvm.a has both APIs.
set(rvm_library_objects)
foreach(library base manifest plugin_host state engine native runtime)
  list(APPEND rvm_library_objects $<TARGET_OBJECTS:rvm_${library}>)
endforeach()
# While the major version is 0 a minor version promises nothing about the next: it is part of both names.
set(rvm_interface_version ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(rvm_library_dir ${PROJECT_BINARY_DIR}/lib)

add_library(rvm_shared SHARED ${rvm_library_objects})
configure_file(cmake/librvm.version.in librvm.version @ONLY)
set_target_properties(rvm_shared PROPERTIES OUTPUT_NAME rvm VERSION ${PROJECT_VERSION} SOVERSION ${rvm_interface_version}
                      EXPORT_NAME rvm LINKER_LANGUAGE CXX LIBRARY_OUTPUT_DIRECTORY ${rvm_library_dir}
                      LINK_DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/librvm.version)
target_link_options(rvm_shared PRIVATE -Wl,--version-script=${CMAKE_CURRENT_BINARY_DIR}/librvm.version -Wl,-z,now -Wl,-z,relro
                    -Wl,-z,noexecstack)
if(NOT RVM_SANITIZE) # clang links its sanitizer runtime into programs only
  target_link_options(rvm_shared PRIVATE -Wl,-z,defs)
endif()
target_link_libraries(rvm_shared PRIVATE fmt::fmt PkgConfig::libsodium PkgConfig::libcrypto Boost::context ${CMAKE_DL_LIBS})

add_library(rvm_static STATIC ${rvm_library_objects})
set_target_properties(rvm_static PROPERTIES OUTPUT_NAME rvm EXPORT_NAME static LINKER_LANGUAGE CXX
                      ARCHIVE_OUTPUT_DIRECTORY ${rvm_library_dir})
target_compile_features(rvm_static INTERFACE cxx_std_20)
target_link_libraries(rvm_static INTERFACE $<INSTALL_INTERFACE:fmt> $<INSTALL_INTERFACE:sodium> $<INSTALL_INTERFACE:crypto>
                      $<INSTALL_INTERFACE:boost_context> ${CMAKE_DL_LIBS})

add_library(rvm::static ALIAS rvm_core) # inside another project rvm::rvm has both APIs

foreach(library rvm_shared rvm_static)
  target_include_directories(${library} INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                             $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/sdk/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()

include(GNUInstallDirs)
set(rvm_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rvm)
# What runs (`library`) and what is compiled against (`development`).
install(TARGETS rvm_shared rvm_static rvm_engine EXPORT rvm_library_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT rvm_library_targets NAMESPACE rvm:: FILE rvmLibraryTargets.cmake DESTINATION ${rvm_package_dir}
        COMPONENT development)
install(DIRECTORY include/rvm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(DIRECTORY engine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rvm-engine COMPONENT development
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def")
configure_file(cmake/rvm.pc.in rvm.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rvm.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
