# Packages: Debian's, which is what is tested; Windows' and macOS' rules are here and were never
# tried.

set(CPACK_PACKAGE_NAME lightcone)
set(CPACK_PACKAGE_VENDOR "The Lightcone authors")
set(CPACK_PACKAGE_CONTACT "The Lightcone authors <lightcone@lightcone.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "explorer for distributed protocols")
set(CPACK_PACKAGE_DESCRIPTION
"Lightcone shows runs of distributed protocols: nodes can be crashed and links
cut while a run goes on, time goes back and forth, and a run branches where
somebody does something else. Every run replays exactly from its seed.
.
This package has the window (lightcone), the command line that runs, checks
and converts runs (lightcone-cli), and a daemon that runs the same protocols
over TCP on a durable log (lightcone-node).")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

if(WIN32)
    set(CPACK_GENERATOR NSIS ZIP)
    set(CPACK_NSIS_ENABLE_UNINSTALL_BEFORE_INSTALL ON)
    set(CPACK_PACKAGE_EXECUTABLES lightcone Lightcone)
elseif(APPLE)
    set(CPACK_GENERATOR DragNDrop)
else()
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGING_INSTALL_PREFIX ${LIGHTCONE_PACKAGE_PREFIX})
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Plugins that no program names: the display's and the icons'.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "qt6-qpa-plugins, libqt6svg6, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
    "fonts-inter, fonts-jetbrains-mono, qt6-wayland, shared-mime-info, hicolor-icon-theme")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
    "qt6-translations-l10n, fonts-noto-cjk, bash-completion")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst"
    "${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm"
    "${CMAKE_CURRENT_SOURCE_DIR}/debian/postrm")
include(CPack)
