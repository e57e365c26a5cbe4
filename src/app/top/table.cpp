#include "app/top/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace app::top {
namespace {

constexpr std::size_t name_width = 22;
constexpr std::size_t state_width = 14;

std::string_view colour_of(std::string_view state) {
    if (state == "connected" || state == "live") return "\x1b[32m";
    if (state == "error") return "\x1b[31m";
    if (state == "disconnected") return "\x1b[90m";
    return "\x1b[33m";
}

std::string painted(std::string_view text, std::string_view colour, const TableStyle& style) {
    return style.colour ? fmt::format("{}{}\x1b[0m", colour, text) : std::string(text);
}

std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >> 5 == 0x6) return 2;
    if (lead >> 4 == 0xe) return 3;
    return lead >> 3 == 0x1e ? 4 : 1;
}

std::string codec_name(std::string_view api_name) {
    if (api_name == "h264") return "H.264";
    std::string name(api_name);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return name;
}

std::string ingest_text(const IngestLine& ingest) {
    if (!ingest.connected && ingest.client_address.empty()) return "waiting for the encoder";
    std::string text;
    if (!ingest.connected) text = "the encoder is away; last seen: ";
    if (ingest.width > 0)
        text += fmt::format("{} {}×{} {:.1f} fps {} kbit/s, keyframe every {:.1f} s",
                            codec_name(ingest.video_codec), ingest.width, ingest.height, ingest.fps,
                            ingest.video_kbps, ingest.keyframe_interval_s);
    if (ingest.sample_rate > 0)
        text += fmt::format("{}{} {} kHz {} {} kbit/s", ingest.width > 0 ? " · " : "",
                            codec_name(ingest.audio_codec), ingest.sample_rate / 1000.0,
                            ingest.channels == 1 ? "mono" : "stereo", ingest.audio_kbps);
    if (!ingest.client_address.empty())
        text += fmt::format(" · {} from {}", ingest.protocol, printable(ingest.client_address));
    text += fmt::format(" · drift {} ms", ingest.drift_ms);
    return text;
}

std::string row_text(const DestinationRow& row, const TableStyle& style) {
    const std::string state =
        painted(fitted("● " + printable(row.state), state_width), colour_of(row.state), style);
    return fmt::format("  {} {} {:>6.1f} {:>7} {:>9} {:>8} {:>7} {:>9} {:>8}  {}",
                       fitted(printable(row.name), name_width), state, row.fps, row.bitrate_kbps,
                       human_bytes(row.bytes_sent), row.frames_dropped, fmt::format("{} ms", row.queue_ms),
                       fmt::format("{:.1f} ms", row.rtt_ms), row.reconnects, printable(row.detail));
}

}  // namespace

std::string printable(std::string_view text) {
    std::string clean;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = std::min(sequence_length(lead), text.size() - i);
        const bool stray = lead >= 0x80 && length == 1;
        // U+0080 to U+009F are control characters too, and terminals obey some of them.
        const bool c1 = lead == 0xc2 && length == 2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (lead < 0x20 || lead == 0x7f || stray || c1)
            clean += "·";
        else
            clean += text.substr(i, length);
        i += length;
    }
    return clean;
}

std::string fitted(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t shown = 0;
    bool cut = false;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '\x1b') {
            const std::size_t end = std::min(text.find('m', i), text.size() - 1) + 1;
            out += text.substr(i, end - i);
            i = end;
            continue;
        }
        const std::size_t length =
            std::min(sequence_length(static_cast<unsigned char>(text[i])), text.size() - i);
        if (shown < width) {
            out += text.substr(i, length);
            ++shown;
        } else {
            cut = true;
        }
        i += length;
    }
    if (cut && width > 0 && out.find('\x1b') == std::string::npos) {
        // Say that something is missing: the last character gives way.
        std::size_t last = out.size() - 1;
        while (last > 0 && (static_cast<unsigned char>(out[last]) & 0xc0) == 0x80) --last;
        out.replace(last, out.size() - last, "…");
    }
    if (shown < width) out.append(width - shown, ' ');
    return out;
}

std::string human_bytes(std::int64_t bytes) {
    static constexpr std::array units{"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string human_duration(std::int64_t seconds) {
    seconds = std::max<std::int64_t>(seconds, 0);
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string render(const Snapshot& snapshot, base::WallTime now, const TableStyle& style) {
    std::string out;
    const auto line = [&](std::string_view text) {
        out += style.width == 0 ? std::string(text) : fitted(text, style.width);
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    };
    if (snapshot.sessions.empty()) line("Nothing is live. A session appears here when somebody goes live.");
    for (const SessionBlock& session : snapshot.sessions) {
        std::string since;
        if (const auto started = base::from_rfc3339(session.started_at))
            since = " for " +
                    human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - *started).count());
        const std::string title = session.title.empty() ? session.id : session.title;
        line(fmt::format("{} · {}{}", painted(printable(title), "\x1b[1m", style),
                         painted(printable(session.status), colour_of(session.status), style), since));
        line("  encoder: " + ingest_text(session.ingest));
        line(fmt::format("  {} {} {:>6} {:>7} {:>9} {:>8} {:>7} {:>9} {:>8}  {}",
                         fitted("DESTINATION", name_width), fitted("STATE", state_width), "FPS", "KBIT/S",
                         "SENT", "DROPPED", "QUEUE", "RTT", "RECONN.", "DETAIL"));
        for (const DestinationRow& row : session.destinations) line(row_text(row, style));
        if (session.destinations.empty()) line("  (no destinations)");
    }
    return out;
}

}  // namespace app::top
