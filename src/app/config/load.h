// Reads the settings at start: flag over environment over file over default. Called once, from the main
// thread, before anything else runs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "base/result.h"

namespace app::config {

enum class Source { standard, file, environment, flag };

struct Loaded {
    Config config;
    // The file that was read; empty when there was none.
    std::string file;
    // Where each setting's value came from; those at their default are not listed.
    std::map<std::string, Source, std::less<>> sources;
};

// What the command line gave, by setting's name. For a hidden setting the value is the path of a file.
using Flags = std::map<std::string, std::string, std::less<>>;
using Environment = std::function<std::optional<std::string>(const std::string& variable)>;

struct Sources {
    Flags flags;
    // --config; when empty, EVERYCAST_CONFIG, and then everycast.toml if it is there.
    std::string config_file;
    Environment environment;
};

// The process's own variables.
std::optional<std::string> process_environment(const std::string& variable);

// Every mistake found in one source is told at once, one a line.
base::Result<Loaded> load(const Sources& sources);

}  // namespace app::config
