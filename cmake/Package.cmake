# `make package`: a .deb and a .tar.gz in dist/, of a binary that needs nothing but libc.
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME chanspect)
set(CPACK_PACKAGE_VENDOR chanspect)
set(CPACK_PACKAGE_CONTACT "the chanspect developers <chanspect@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "shows every stuck goroutine of a live Go process and its channel")
set(CPACK_PACKAGE_DESCRIPTION
  "chanspect looks into a running Go program from outside, without stopping it, and tells which
 goroutines wait on which channels, since when and where.")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/dist)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(package_architecture arm64)
else()
  set(package_architecture amd64)
endif()
set(CPACK_PACKAGE_FILE_NAME chanspect-${PROJECT_VERSION}-linux-${package_architecture})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${package_architecture})
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

install(FILES LICENSE DESTINATION share/doc/chanspect RENAME copyright)
include(CPack)
