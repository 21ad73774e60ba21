# adieu_room(NAME DEPS...): every .cc file of server/NAME as the library adieu_NAME.
function(adieu_room name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/server/${name}/*.cc")
  file(GLOB headers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/server/${name}/*.h")
  add_library(adieu_${name} STATIC ${sources} ${headers})
  target_link_libraries(adieu_${name} PUBLIC ${ARGN} PRIVATE adieu_options)
  target_include_directories(adieu_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  adieu_precompile(adieu_${name} adieu_headers)
endfunction()
