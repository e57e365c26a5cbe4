# The web app (web/), built and embedded into a target. Once for all presets: it is the same for each, and embed.mjs does
# nothing while the sources are. Nothing is fetched here: tools/install build has brought the packages.

find_program(NODE NAMES node nodejs REQUIRED)
set(EVERYCAST_WEB_FOLDER ${CMAKE_SOURCE_DIR}/build/web CACHE PATH "where the web app is built, for all presets together")

function(everycast_web target)
  set(web ${CMAKE_SOURCE_DIR}/web)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${web}/src/* ${web}/public/* ${web}/player/src/*)
  list(FILTER files EXCLUDE REGEX "\\.test\\.tsx?$")
  file(MAKE_DIRECTORY ${EVERYCAST_WEB_FOLDER})
  add_custom_command(
    OUTPUT ${EVERYCAST_WEB_FOLDER}/app_embedded.cpp
    # Two presets may be built at the same time.
    COMMAND flock ${EVERYCAST_WEB_FOLDER}/lock ${NODE} ${web}/embed.mjs ${EVERYCAST_WEB_FOLDER}
    DEPENDS ${files} ${web}/index.html ${web}/vite.config.ts ${web}/postcss.config.mjs ${web}/package-lock.json
            ${web}/embed.mjs ${web}/embedding.mjs
    COMMENT "Building the web app"
    VERBATIM)
  target_sources(${target} PRIVATE ${EVERYCAST_WEB_FOLDER}/app_embedded.cpp)
endfunction()
