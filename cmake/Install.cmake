# What `cmake --install` puts where. Man page and completions are printed by the program itself, so
# they cannot know less or more than it does.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME chanspect)

set(manual_dir ${CMAKE_BINARY_DIR}/share)
set(manual_files)

# Has chanspect print one of its texts into a file of the build folder, and installs that.
function(add_printed_file words file destination)
  get_filename_component(folder ${manual_dir}/${file} DIRECTORY)
  add_custom_command(
    OUTPUT ${manual_dir}/${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND chanspect ${words} > ${manual_dir}/${file}
    DEPENDS chanspect)
  set(manual_files ${manual_files} ${manual_dir}/${file} PARENT_SCOPE)
  install(FILES ${manual_dir}/${file} DESTINATION ${destination})
endfunction()

install(TARGETS chanspect RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL FILES_MATCHING PATTERN "*.md" PATTERN "*.json")

# A program for another machine cannot print here, unless an emulator is named.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  add_printed_file("man-page" man/man1/chanspect.1 ${CMAKE_INSTALL_MANDIR}/man1)
  add_printed_file("completions;bash" bash-completion/completions/chanspect
                   ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  add_printed_file("completions;zsh" zsh/vendor-completions/_chanspect
                   ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  add_printed_file("completions;fish" fish/vendor_completions.d/chanspect.fish
                   ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  add_custom_target(manual ALL DEPENDS ${manual_files})
endif()
