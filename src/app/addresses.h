// How this server is called from outside, by its settings. Pure.
#pragma once

#include <string>

#include "app/config/config.h"

namespace app {

struct Addresses {
    std::string web;   // "http://localhost:8000"
    std::string rtmp;  // "rtmp://localhost:1935/live": what people type into their encoder
};

// `own_host` stands in where the settings name no host of their own.
Addresses addresses(const config::Config& config, const std::string& own_host = "localhost");

}  // namespace app
