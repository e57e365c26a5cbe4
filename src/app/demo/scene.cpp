#include "app/demo/scene.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <system_error>
#include <thread>

#include "app/demo/ports.h"
#include "base/ids.h"

namespace app::demo {
namespace {

using namespace std::chrono_literals;
using boost::json::object;

constexpr auto server_patience = 20s;
constexpr std::string_view server_folder = "server";

// Settings meant for a real server on this machine must not lead the demo to its data.
std::vector<std::string> setting_variables() {
    std::vector<std::string> names{"EVERYCAST_CONFIG"};
    for (const config::Setting& setting : config::settings()) {
        names.push_back(setting.variable());
        names.push_back(setting.variable() + "_FILE");
        if (!setting.plain_variable.empty()) names.emplace_back(setting.plain_variable);
    }
    return names;
}

// A text member of an object member: "station" → "id".
std::string member(const object& answer, std::string_view resource, std::string_view name) {
    const auto* inner = resource.empty() ? nullptr : answer.if_contains(resource);
    if (!resource.empty() && (inner == nullptr || !inner->is_object())) return {};
    const object& holder = resource.empty() ? answer : inner->as_object();
    const auto* value = holder.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

config::HostPort with_free_port(const std::string& wanted) {
    auto listen = config::parse_host_port(wanted).value_or(config::HostPort{"127.0.0.1", 0});
    listen.port = free_port(listen.port);
    return listen;
}

std::string text_of(const config::HostPort& listen) {
    return fmt::format("{}:{}", listen.host, listen.port);
}

}  // namespace

Scene::Scene(const Options& options)
    : folder_(std::filesystem::absolute(options.data_dir / "demo")),
      http_(with_free_port(options.http)),
      rtmp_(with_free_port(options.rtmp)),
      server_url_(fmt::format("http://localhost:{}", http_.port)),
      password_(base::random_hex(20)) {}

base::Result<> Scene::build() {
    if (process::find_program("ffmpeg").empty())
        return base::fail(
            base::ErrorCode::not_found,
            "the test card needs ffmpeg: apt-get install ffmpeg, or type ./run --demo, which installs it");
    for (const auto step :
         {&Scene::make_folder, &Scene::start_receivers, &Scene::start_server, &Scene::go_live})
        if (auto done = (this->*step)(); !done) return done;
    return {};
}

base::Result<> Scene::make_folder() {
    std::error_code error;
    // The server of an earlier demo: its account and its keys were for that one only.
    std::filesystem::remove_all(folder_ / server_folder, error);
    std::filesystem::create_directories(folder_, error);
    if (error)
        return base::fail(base::ErrorCode::internal,
                          fmt::format("{} cannot be made: {}", folder_.string(), error.message()));
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
        if (entry.path().extension() == ".log" || entry.path().extension() == ".png")
            std::filesystem::remove(entry.path(), error);
    return {};
}

base::Result<> Scene::start_receivers() {
    for (int number = 1; number <= receiver_count; ++number) {
        auto receiver = Receiver::make(number, free_port(0), folder_);
        if (!receiver) return base::fail(std::move(receiver.error()));
        if (auto started = receiver->start(); !started) return started;
        receivers_.push_back(std::move(*receiver));
    }
    return {};
}

process::Command Scene::everycast(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", "/dev/null", "--data-dir", folder_ / server_folder});
    return {.program = std::filesystem::read_symlink("/proc/self/exe"),
            .arguments = std::move(arguments),
            .output_file = server_log(),
            .without_variables = setting_variables()};
}

base::Result<> Scene::start_server() {
    process::Command add_user = everycast({"user", "add", email_, "--role", "admin"});
    add_user.input = password_.reveal() + "\n";
    const auto added = process::run_to_end(add_user, server_patience);
    if (!added) return base::fail(added.error());
    if (*added != 0)
        return base::fail(base::ErrorCode::internal,
                          fmt::format("the demo's account cannot be made; see {}", server_log().string()));

    auto child = process::Child::start(
        everycast({"serve", "--http", text_of(http_), "--rtmp", text_of(rtmp_), "--rtmps",
                   std::string(config::off), "--allow-private-addresses", "true", "--grace-s", "30"}));
    if (!child) return base::fail(std::move(child.error()));
    server_ = std::move(*child);
    return wait_for_server();
}

base::Result<> Scene::wait_for_server() {
    top::ApiClient anybody(server_url_, {});
    const auto end = std::chrono::steady_clock::now() + server_patience;
    while (!anybody.get("/healthz")) {
        if (!server_running() || std::chrono::steady_clock::now() > end)
            return base::fail(base::ErrorCode::unavailable,
                              fmt::format("the server does not start; see {}", server_log().string()));
        std::this_thread::sleep_for(100ms);
    }
    return {};
}

base::Result<> Scene::go_live() {
    api_ = std::make_unique<top::ApiClient>(server_url_, top::Credentials{{}, email_, password_});
    const auto station = api_->post("/api/stations", {{"name", "Demo"}, {"slug", "demo"}});
    if (!station) return base::fail(base::Error(station.error()).within("making a station"));
    const std::string station_id = member(*station, "station", "id");
    const base::Secret stream_key(member(*station, "station", "streamKey"));

    boost::json::array destinations;
    for (const Receiver& receiver : receivers_) {
        const auto made = api_->post("/api/destinations", {{"platform", "custom"},
                                                           {"name", receiver.name()},
                                                           {"rtmpUrl", receiver.url()},
                                                           {"streamKey", receiver.stream_key().reveal()},
                                                           {"stationId", station_id}});
        if (!made) return base::fail(base::Error(made.error()).within("making a destination"));
        destinations.emplace_back(member(*made, "destination", "id"));
    }

    encoder_.emplace(fmt::format("rtmp://127.0.0.1:{}/live", rtmp_.port), stream_key,
                     folder_ / "encoder.log");
    if (auto started = encoder_->start(); !started) return started;

    const auto live = api_->post("/api/live/start", {{"streamKey", stream_key.reveal()},
                                                     {"title", "Test card"},
                                                     {"stationId", station_id},
                                                     {"useMultistream", true},
                                                     {"selectedEndpoints", destinations}});
    if (!live) return base::fail(base::Error(live.error()).within("going live"));
    session_id_ = member(*live, "", "sessionId");
    return {};
}

void Scene::end() {
    if (!session_id_.empty() && server_running())
        (void)api_->post("/api/live/stop", {{"sessionId", session_id_}});
    session_id_.clear();
    if (encoder_) encoder_->stop();
    if (server_) server_->stop(12s);
    for (Receiver& receiver : receivers_) receiver.stop();
}

}  // namespace app::demo
