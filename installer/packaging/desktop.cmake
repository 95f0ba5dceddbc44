# What a free desktop wants to know of the programs: icons, menu entry, types of files, manuals,
# completions, a service.

set(icons "${CMAKE_INSTALL_DATADIR}/icons/hicolor")
foreach(size 16 22 24 32 48 64 128 256 512)
    install(FILES icons/lightcone-${size}.png RENAME lightcone.png
            DESTINATION ${icons}/${size}x${size}/apps)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/resources/icons/lightcone.svg"
        DESTINATION ${icons}/scalable/apps)
install(FILES icons/application-x-lightcone-trace.svg icons/text-x-lightcone-scenario.svg
        DESTINATION ${icons}/scalable/mimetypes)
install(FILES lightcone.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES org.lightcone.Lightcone.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
install(FILES lightcone.mime.xml RENAME lightcone.xml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages)
install(FILES completion/lightcone completion/lightcone-cli completion/lightcone-node
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
# The service starts the node where it was installed: known only then. CPack installs into a folder
# of its own first, for /usr.
set(unit "${CMAKE_CURRENT_SOURCE_DIR}/lightcone-node@.service")
set(made "${CMAKE_CURRENT_BINARY_DIR}/lightcone-node@.service")
install(CODE "
    set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
    if(prefix MATCHES \"/_CPack_Packages/\")
        set(prefix \"${LIGHTCONE_PACKAGE_PREFIX}\")
    endif()
    file(READ \"${unit}\" text)
    string(REPLACE \"ExecStart=/usr/\" \"ExecStart=\${prefix}/\" text \"\${text}\")
    file(WRITE \"${made}\" \"\${text}\")
")
install(FILES "${made}" DESTINATION lib/systemd/system)
install(FILES lightcone-node.sysusers RENAME lightcone-node.conf DESTINATION lib/sysusers.d)

# Compressed as Debian wants it, without the time at which that was done.
find_program(LIGHTCONE_GZIP gzip REQUIRED)
function(install_compressed source name destination)
    set(made "${CMAKE_CURRENT_BINARY_DIR}/${name}.gz")
    add_custom_command(OUTPUT "${made}" DEPENDS "${source}" VERBATIM
                       COMMAND sh -c "\"$1\" -9nc \"$2\" > \"$3\"" sh "${LIGHTCONE_GZIP}"
                               "${source}" "${made}")
    set_property(DIRECTORY APPEND PROPERTY LIGHTCONE_COMPRESSED "${made}")
    install(FILES "${made}" DESTINATION "${destination}")
endfunction()

foreach(page lightcone lightcone-cli lightcone-node)
    configure_file(man/${page}.1 "${CMAKE_CURRENT_BINARY_DIR}/${page}.1" @ONLY)
    install_compressed("${CMAKE_CURRENT_BINARY_DIR}/${page}.1" ${page}.1
                       ${CMAKE_INSTALL_MANDIR}/man1)
endforeach()
set(documents ${CMAKE_INSTALL_DATADIR}/doc/lightcone)
install_compressed("${CMAKE_CURRENT_SOURCE_DIR}/debian/changelog" changelog ${documents})
install(FILES debian/copyright "${PROJECT_SOURCE_DIR}/README.md" DESTINATION ${documents})
install(FILES "${PROJECT_SOURCE_DIR}/engine/query/README.md" RENAME questions.md
        DESTINATION ${documents})
install(FILES "${PROJECT_SOURCE_DIR}/app/cli/README.md" RENAME lightcone-cli.md
        DESTINATION ${documents})
get_property(compressed DIRECTORY PROPERTY LIGHTCONE_COMPRESSED)
add_custom_target(lightcone_documents ALL DEPENDS ${compressed})
