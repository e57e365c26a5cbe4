#include "app/demo/receiver.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <system_error>
#include <thread>

#include "app/demo/ports.h"
#include "base/ids.h"

namespace app::demo {
namespace {

using namespace std::chrono_literals;

constexpr auto start_patience = 5s;
constexpr std::size_t key_characters = 24;
// Where Debian's libnginx-mod-rtmp puts it.
constexpr std::string_view rtmp_module = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

// One process in the foreground: it runs as whoever started the demo, and nothing of the system's nginx is
// touched.
std::string configuration(std::uint16_t port, const std::filesystem::path& folder) {
    return fmt::format(R"(load_module {};
daemon off;
master_process off;
pid {}/nginx.pid;
error_log {}/error.log warn;
events {{ worker_connections 64; }}
rtmp {{
    server {{
        listen 127.0.0.1:{};
        chunk_size 4096;
        access_log off;
        application live {{
            live on;
            wait_key on;
            wait_video on;
        }}
    }}
}}
)",
                       rtmp_module, folder.string(), folder.string(), port);
}

}  // namespace

Receiver::Receiver(int number, std::uint16_t port, const std::filesystem::path& folder)
    : name_(fmt::format("Receiver {}", number)),
      port_(port),
      folder_(folder / fmt::format("receiver-{}", number)),
      picture_(folder / fmt::format("receiver-{}.png", number)),
      stream_key_(base::random_hex(key_characters)) {}

base::Result<Receiver> Receiver::make(int number, std::uint16_t port, const std::filesystem::path& folder) {
    if (process::find_program("nginx").empty() || !std::filesystem::exists(rtmp_module))
        return base::fail(
            base::ErrorCode::not_found,
            "the receivers need nginx and its RTMP module: apt-get install nginx libnginx-mod-rtmp, or "
            "type ./run --demo, which installs them");
    Receiver receiver(number, port, std::filesystem::absolute(folder));
    std::error_code error;
    std::filesystem::create_directories(receiver.folder_, error);
    std::ofstream file(receiver.folder_ / "nginx.conf");
    file << configuration(port, receiver.folder_);
    if (!file.flush())
        return base::fail(base::ErrorCode::internal,
                          fmt::format("{} cannot be written", receiver.folder_.string()));
    return receiver;
}

base::Result<> Receiver::start() {
    auto child =
        process::Child::start({.program = "nginx",
                               .arguments = {"-p", folder_, "-c", folder_ / "nginx.conf", "-e", log()},
                               .output_file = folder_ / "output.log"});
    if (!child) return base::fail(std::move(child.error()));
    server_ = std::move(*child);
    const auto end = std::chrono::steady_clock::now() + start_patience;
    while (!port_answers(port_)) {
        if (!server_->running() || std::chrono::steady_clock::now() > end)
            return base::fail(base::ErrorCode::unavailable,
                              fmt::format("{} (nginx) does not start; see {}", name_, folder_.string()));
        std::this_thread::sleep_for(50ms);
    }
    return {};
}

void Receiver::fail() {
    if (server_) server_->kill();
}

void Receiver::stop() {
    camera_.reset();
    server_.reset();
}

std::string Receiver::url() const {
    return fmt::format("rtmp://127.0.0.1:{}/live", port_);
}

void Receiver::take_picture() {
    if (!running() || (camera_ && camera_->running())) return;
    // One frame, then the end; the new picture replaces the old one only when it is whole.
    const std::string unfinished = picture_.string() + ".part";
    auto child = process::Child::start({.program = "ffmpeg",
                                        .arguments = {"-hide_banner",
                                                      "-loglevel",
                                                      "error",
                                                      "-nostdin",
                                                      "-y",
                                                      "-rw_timeout",
                                                      "8000000",
                                                      "-rtmp_live",
                                                      "live",
                                                      "-i",
                                                      fmt::format("{}/{}", url(), stream_key_.reveal()),
                                                      "-frames:v",
                                                      "1",
                                                      "-c:v",
                                                      "png",
                                                      "-f",
                                                      "image2",
                                                      "-update",
                                                      "1",
                                                      unfinished},
                                        .output_file = folder_ / "camera.log"});
    if (child) camera_ = std::move(*child);
}

bool Receiver::picture_arrived() {
    if (!camera_ || camera_->running()) return false;
    const bool good = camera_->exit_code() == 0;
    camera_.reset();
    std::error_code error;
    if (good) std::filesystem::rename(picture_.string() + ".part", picture_, error);
    if (!good || error) return false;
    ++pictures_;
    return true;
}

}  // namespace app::demo
