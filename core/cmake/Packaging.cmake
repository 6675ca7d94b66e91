# Debian packages of what cmake --install would install, by cpack in the build folder:
#
#   rvm           the program with its demo and manifests, librvm.so
#   rvm-plugins   the plugins, librvm-evmc.so, the manifest that pins them
#   rvm-dev       headers, librvm.a, CMake and pkg-config files, the SDK
#
# Dependencies are what the files link (dpkg-shlibdeps). rvm-static is left out: it is made for one deployment.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rvm)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}") # the first line of each description
set(CPACK_PACKAGE_CONTACT "The rvm authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program library plugins development sdk)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION interpreters)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME rvm)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "The program rvm, its demo and manifests, and librvm for programs that embed it.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "rvm-plugins (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PLUGINS_PACKAGE_NAME rvm-plugins)
set(CPACK_DEBIAN_PLUGINS_DESCRIPTION "Its plugins: EVM, WebAssembly, Ethereum's ledger, LMDB storage, cryptography, wallet, wide arithmetic, tracers.")
set(CPACK_DEBIAN_PLUGINS_PACKAGE_DEPENDS "rvm (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME rvm-dev)
set(CPACK_DEBIAN_DEV_DESCRIPTION "What programs and plugins are compiled with: headers, static library, CMake and pkg-config files, the plugin SDK with templates and documents.")
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "rvm (= ${PROJECT_VERSION})")
# librvm.a leaves these to who links it.
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "libfmt-dev, libsodium-dev, libssl-dev, libboost-context-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)

include(GNUInstallDirs)
foreach(package program:rvm plugins:rvm-plugins development:rvm-dev)
  string(REPLACE ":" ";" package ${package})
  list(GET package 0 component)
  list(GET package 1 name)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/${name} RENAME copyright COMPONENT ${component})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION share/doc/rvm COMPONENT program)

include(CPack)
cpack_add_component_group(runtime)
cpack_add_component_group(plugins)
cpack_add_component_group(dev)
cpack_add_component(program GROUP runtime)
cpack_add_component(library GROUP runtime)
cpack_add_component(plugins GROUP plugins)
cpack_add_component(development GROUP dev)
cpack_add_component(sdk GROUP dev)
