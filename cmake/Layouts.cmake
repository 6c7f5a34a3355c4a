# Data becomes code: the rows of data/go-layouts.tsv that src/go reads, and data/wait-reasons.json,
# are written as C++ into the build folder. Included, this file hooks that into folder_go; run as a
# script (cmake -P), it writes one of the two files.

if(CMAKE_SCRIPT_MODE_FILE)
  set(source "// Written by cmake/Layouts.cmake from ${INPUT}; do not edit.\n")
  if(KIND STREQUAL "layouts")
    # Only these structs: the whole table is ten times as large.
    set(structs "g|sudog|hchan|m|p|timer|semaRoot|schedt|mstats|moduledata|synctestBubble|synctestGroup")
    file(STRINGS ${INPUT} rows REGEX "^(amd64|arm64)\t(size\truntime\\.(${structs})|field\truntime/(${structs})\\.[^\t]+|var\truntime\\.semtable|release\t[^\t]+)\t")
    string(APPEND source "#include \"go/layout_rows.h\"\n\nnamespace chanspect::go {\n"
      "std::span<const LayoutRow> layout_rows() {\n  static constexpr LayoutRow rows[] = {\n")
    # What is the same on both architectures, which is nearly all, becomes one row.
    set(keys)
    foreach(row IN LISTS rows)
      string(REPLACE "\t" ";" row "${row}")
      list(GET row 0 arch)
      list(GET row 1 2 key)
      if(key MATCHES "/p\\.xRegs")  # registers saved at a preemption: dozens, read by nobody
        continue()
      endif()
      string(REPLACE ";" "+" name "${key}")  # a variable's name has no semicolon
      list(APPEND keys ${name})
      list(GET row 3 ${arch}+${name})
    endforeach()
    list(REMOVE_DUPLICATES keys)
    foreach(name IN LISTS keys)
      string(REPLACE "+" "\", \"" key "${name}")
      set(on_amd64 "${amd64+${name}}")
      set(on_arm64 "${arm64+${name}}")
      if(on_amd64 STREQUAL on_arm64)
        string(APPEND source "    {\"${key}\", \"${on_amd64}\"},\n")
        continue()
      endif()
      if(on_amd64)
        string(APPEND source "    {\"${key}\", \"${on_amd64}\", true, false},\n")
      endif()
      if(on_arm64)
        string(APPEND source "    {\"${key}\", \"${on_arm64}\", false, true},\n")
      endif()
    endforeach()
    string(APPEND source "  };\n  return rows;\n}\n}  // namespace chanspect::go\n")
  else()
    file(READ ${INPUT} text)
    string(APPEND source "#include \"go/wait_reason_data.h\"\n\nnamespace chanspect::go {\n"
      "std::string_view wait_reason_data() {\n  return R\"json(${text})json\";\n}\n}  // namespace chanspect::go\n")
  endif()
  file(WRITE ${OUTPUT} "${source}")
  return()
endif()

set(generated ${CMAKE_BINARY_DIR}/generated/go)
foreach(kind_and_data layouts=go-layouts.tsv wait_reasons=wait-reasons.json)
  string(REPLACE "=" ";" kind_and_data ${kind_and_data})
  list(GET kind_and_data 0 kind)
  list(GET kind_and_data 1 data)
  add_custom_command(
    OUTPUT ${generated}/${kind}.cc
    COMMAND ${CMAKE_COMMAND} -DKIND=${kind} -DINPUT=${CMAKE_SOURCE_DIR}/data/${data}
      -DOUTPUT=${generated}/${kind}.cc -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${CMAKE_SOURCE_DIR}/data/${data} ${CMAKE_CURRENT_LIST_FILE}
    VERBATIM)
  target_sources(folder_go PRIVATE ${generated}/${kind}.cc)
endforeach()

# What scripts/make-layouts reads toolchains' DWARF with.
add_executable(layouts_of_binary EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/scripts/layouts_of_binary.cc)
target_link_libraries(layouts_of_binary PRIVATE folder_binary)
