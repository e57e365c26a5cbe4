#include "app/demo/encoder.h"

namespace app::demo {
namespace {

constexpr std::string_view font = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";

std::string picture_filter() {
    if (!std::filesystem::exists(font)) return "null";
    return "drawtext=fontfile=" + std::string(font) +
           ":text='Everycast %{pts\\:hms}':fontsize=56:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=16"
           ":x=(w-tw)/2:y=h-140";
}

}  // namespace

Encoder::Encoder(std::string server, base::Secret stream_key, std::filesystem::path log)
    : server_(std::move(server)), stream_key_(std::move(stream_key)), log_(std::move(log)) {}

base::Result<> Encoder::start() {
    // 720p30 at 3 Mbit/s with a keyframe every 2 s: what platforms recommend.
    auto child = process::Child::start({.program = "ffmpeg",
                                        .arguments = {"-hide_banner",
                                                      "-loglevel",
                                                      "warning",
                                                      "-nostdin",
                                                      "-re",
                                                      "-f",
                                                      "lavfi",
                                                      "-i",
                                                      "testsrc2=size=1280x720:rate=30",
                                                      "-re",
                                                      "-f",
                                                      "lavfi",
                                                      "-i",
                                                      "sine=frequency=440:sample_rate=48000",
                                                      "-vf",
                                                      picture_filter(),
                                                      "-c:v",
                                                      "libx264",
                                                      "-preset",
                                                      "veryfast",
                                                      "-tune",
                                                      "zerolatency",
                                                      "-pix_fmt",
                                                      "yuv420p",
                                                      "-b:v",
                                                      "3000k",
                                                      "-maxrate",
                                                      "3000k",
                                                      "-bufsize",
                                                      "6000k",
                                                      "-g",
                                                      "60",
                                                      "-keyint_min",
                                                      "60",
                                                      "-sc_threshold",
                                                      "0",
                                                      "-c:a",
                                                      "aac",
                                                      "-b:a",
                                                      "128k",
                                                      "-ac",
                                                      "2",
                                                      "-f",
                                                      "flv",
                                                      server_ + "/" + stream_key_.reveal()},
                                        .output_file = log_});
    if (!child) return base::fail(std::move(child.error()));
    child_ = std::move(*child);
    return {};
}

}  // namespace app::demo
