# The player's files (web/player), embedded into a target. Nothing is fetched here: tools/install build has brought the
# packages.

find_program(NODE NAMES node nodejs REQUIRED)

function(everycast_player target)
  set(player ${CMAKE_SOURCE_DIR}/web/player)
  set(made ${CMAKE_BINARY_DIR}/player)
  file(GLOB files CONFIGURE_DEPENDS ${player}/src/* ${player}/pages/*)
  add_custom_command(
    OUTPUT ${made}/embedded.cpp
    COMMAND ${NODE} ${player}/embed.mjs ${made}
    DEPENDS ${files} ${player}/embed.mjs ${player}/package-lock.json ${CMAKE_SOURCE_DIR}/web/embedding.mjs
    COMMENT "Embedding the player"
    VERBATIM)
  target_sources(${target} PRIVATE ${made}/embedded.cpp)
endfunction()
