#include "platform/catalogue.h"

#include <algorithm>
#include <array>

#include "platform/key_shapes.h"

namespace platform {
namespace {

using enum media::Codec;

constexpr std::array only_h264{h264};
constexpr std::array youtube_video{h264, hevc, av1};
constexpr std::array only_aac{aac};

constexpr std::array<IngestUrl, 4> youtube_urls{{
    {"rtmps://a.rtmps.youtube.com:443/live2", "Primary, encrypted"},
    {"rtmps://b.rtmps.youtube.com:443/live2?backup=1", "Backup, encrypted"},
    {"rtmp://a.rtmp.youtube.com/live2", "Primary"},
    {"rtmp://b.rtmp.youtube.com/live2?backup=1", "Backup"},
}};
constexpr std::array<IngestUrl, 2> twitch_urls{{
    {"rtmps://ingest.global-contribute.live-video.net:443/app", "Nearest, encrypted"},
    {"rtmp://live.twitch.tv/app", "Nearest"},
}};
constexpr std::array<IngestUrl, 2> facebook_urls{{
    {"rtmps://live-api-s.facebook.com:443/rtmp/", "Default, encrypted"},
    {"rtmps://rtmp-api.facebook.com:443/rtmp/", "Alternative, encrypted"},
}};
constexpr std::array<IngestUrl, 1> cloudflare_urls{{
    {"rtmps://live.cloudflare.com:443/live/", "Nearest, encrypted"},
}};
constexpr std::array<IngestUrl, 12> x_urls{{
    {"rtmps://va.pscp.tv:443/x", "US East (Virginia), encrypted"},
    {"rtmps://ca.pscp.tv:443/x", "US West (California), encrypted"},
    {"rtmps://or.pscp.tv:443/x", "US West (Oregon), encrypted"},
    {"rtmps://br.pscp.tv:443/x", "Brazil, encrypted"},
    {"rtmps://fr.pscp.tv:443/x", "France, encrypted"},
    {"rtmps://ie.pscp.tv:443/x", "Ireland, encrypted"},
    {"rtmps://de.pscp.tv:443/x", "Germany, encrypted"},
    {"rtmps://au.pscp.tv:443/x", "Australia, encrypted"},
    {"rtmps://in.pscp.tv:443/x", "India, encrypted"},
    {"rtmps://jp.pscp.tv:443/x", "Japan, encrypted"},
    {"rtmps://kr.pscp.tv:443/x", "South Korea, encrypted"},
    {"rtmps://sg.pscp.tv:443/x", "Singapore, encrypted"},
}};
constexpr std::array<IngestUrl, 1> trovo_urls{{{"rtmp://livepush.trovo.live/live/", "Default"}}};

constexpr std::array<BitrateStep, 8> facebook_steps{{
    {360, 30, 1'000},
    {360, 60, 1'500},
    {480, 30, 2'000},
    {480, 60, 3'000},
    {720, 30, 4'000},
    {720, 60, 6'000},
    {1'080, 30, 6'000},
    {1'080, 60, 9'000},
}};

constexpr std::array<std::string_view, 3> youtube_advice{
    "Enable live streaming a day early: a new channel waits up to 24 hours.",
    "For 1080p at 60 fps send about 12000 kbit/s in H.264; 6000 is fine for 1080p at 30 fps.",
    "The backup URL takes the same key; use it as a second destination for shows that must not fail.",
};
constexpr std::array<std::string_view, 3> twitch_advice{
    "The show is live as soon as the stream arrives, so set title and category first.",
    "Add ?bandwidthtest=true to the key to try the connection without going live.",
    "Send at most 6000 kbit/s, at a constant bitrate, with a keyframe every 2 seconds.",
};
constexpr std::array<std::string_view, 4> facebook_advice{
    "The account must be 60 days old and have 100 followers.",
    "A key is for one broadcast and must be used within 24 hours, unless you enable a persistent one.",
    "Facebook needs sound as well as pictures, and ends a show after 8 hours.",
    "Do not change the encoder's settings during the show.",
};
constexpr std::array<std::string_view, 3> kick_advice{
    "Copy the stream URL from your dashboard and add /app at its end where it is missing.",
    "Kick takes H.264 alone, at a constant bitrate of 1000 to 8000 kbit/s.",
    "Pictures larger than 1920x1080 are refused.",
};
constexpr std::array<std::string_view, 3> linkedin_advice{
    "Create the event first: URL and key belong to it, and change with every event.",
    "LinkedIn recommends 1280x720 at 30 fps.",
    "Live video is open to members and pages that LinkedIn has approved.",
};
constexpr std::array<std::string_view, 3> instagram_advice{
    "Instagram shows upright pictures: 720x1280.",
    "Live Producer gives a new key for each show; accounts without it need a bridge.",
    "Press Go live in Live Producer after the preview appears.",
};
constexpr std::array<std::string_view, 3> tiktok_advice{
    "TikTok shows upright pictures: 1080x1920.",
    "URL and key are new for each show, and expire; accounts without them need a bridge.",
    "Paste the key with everything behind its question mark.",
};
constexpr std::array<std::string_view, 2> x_advice{
    "Choose the region nearest to this server.",
    "A source's key stays the same; press Go live in Media Studio when the preview appears.",
};
constexpr std::array<std::string_view, 1> trovo_advice{
    "Trovo offers no encrypted connection: its key crosses the network in clear.",
};
constexpr std::array<std::string_view, 2> cloudflare_advice{
    "Send at most 14000 kbit/s in all, at a constant bitrate, with a keyframe every 4 to 8 seconds.",
    "For low latency send a keyframe every 2 to 4 seconds and no B-frames.",
};
constexpr std::array<std::string_view, 2> custom_advice{
    "Enter server URL and key apart; the key is sent exactly as you enter it.",
    "Prefer rtmps:// where the server has it: rtmp:// sends the key in clear.",
};

constexpr std::array<Platform, 11> platforms{{
    {
        .id = "youtube",
        .name = "YouTube",
        .ingest_urls = youtube_urls,
        .url_placeholder = "rtmps://a.rtmps.youtube.com:443/live2",
        .limits = {.max_video_kbps = 51'000,
                   .max_audio_kbps = 160,
                   .max_width = 3'840,
                   .max_height = 2'160,
                   .max_fps = 60,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 4,
                   .video_codecs = youtube_video,
                   .audio_codecs = only_aac},
        .key = {.description = "Four or five groups of four letters and digits, with hyphens between them.",
                .placeholder = "xxxx-xxxx-xxxx-xxxx-xxxx",
                .looks_right = key_shape::youtube},
        .preset = {.encoder_preset = "fast", .video_bitrate_kbps = 6'000},
        .advice = youtube_advice,
        .key_help = "YouTube Studio, Create, Go live, Stream: \"Stream key\".",
        .key_page = "https://studio.youtube.com",
    },
    {
        .id = "twitch",
        .name = "Twitch",
        .ingest_urls = twitch_urls,
        .url_placeholder = "rtmps://ingest.global-contribute.live-video.net:443/app",
        .limits = {.max_video_kbps = 6'000,
                   .max_audio_kbps = 320,
                   .max_width = 1'920,
                   .max_height = 1'080,
                   .max_fps = 60,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 2,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac},
        .key = {.description = "\"live_\", the channel's number, \"_\" and letters and digits.",
                .placeholder = "live_123456789_aBcDeFgHiJkLmNoPqRs",
                .looks_right = key_shape::twitch},
        .preset = {.encoder_preset = "veryfast", .video_bitrate_kbps = 4'500, .low_latency = true},
        .advice = twitch_advice,
        .key_help = "Creator Dashboard, Settings, Stream: \"Primary stream key\".",
        .key_page = "https://dashboard.twitch.tv/settings/stream",
    },
    {
        .id = "facebook",
        .name = "Facebook Live",
        .ingest_urls = facebook_urls,
        .url_placeholder = "rtmps://live-api-s.facebook.com:443/rtmp/",
        .limits = {.max_video_kbps = 9'000,
                   .max_audio_kbps = 256,
                   .max_width = 1'920,
                   .max_height = 1'080,
                   .max_fps = 60,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 4,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac,
                   .bitrate_steps = facebook_steps,
                   .audio_required = true},
        .key =
            {.description =
                 "\"FB-\" and digits, or a number with a question mark and more behind it. Copy all of it.",
             .placeholder = "FB-1234567890123456-0-AbCdEfGhIjKlMnOp",
             .looks_right = key_shape::facebook,
             .per_broadcast = true},
        .preset = {.encoder_preset = "veryfast",
                   .video_bitrate_kbps = 4'000,
                   .width = 1'280,
                   .height = 720,
                   .fps = 30},
        .advice = facebook_advice,
        .key_help = "Live Producer, Go live, Streaming software: \"Stream key\".",
        .key_page = "https://www.facebook.com/live/producer",
    },
    {
        .id = "kick",
        .name = "Kick",
        .ingest_urls = {},
        .url_placeholder = "rtmps://xxxxxxxxxxxx.global-contribute.live-video.net:443/app",
        .limits = {.min_video_kbps = 1'000,
                   .max_video_kbps = 8'000,
                   .max_audio_kbps = 160,
                   .max_width = 1'920,
                   .max_height = 1'080,
                   .max_fps = 60,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 2,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac},
        .key = {.description = "\"sk_\", a region, \"_\" and letters and digits.",
                .placeholder = "sk_us-west-2_aBcDeFgHiJkL_mNoPqRsTuVwXyZ",
                .looks_right = key_shape::kick},
        .preset = {.encoder_preset = "veryfast", .video_bitrate_kbps = 6'000},
        .advice = kick_advice,
        .key_help = "Creator Dashboard, Channel, Stream URL & Key.",
        .key_page = "https://kick.com/dashboard/settings/stream",
    },
    {
        .id = "linkedin",
        .name = "LinkedIn Live",
        .ingest_urls = {},
        .url_placeholder = "rtmps://xxxxxxxx.channel.media.azure.net:2935/live/xxxxxxxx",
        .limits = {.max_video_kbps = 6'000,
                   .max_audio_kbps = 128,
                   .max_width = 1'920,
                   .max_height = 1'080,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 2,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac},
        .key = {.description = "Letters and digits, as the event's page shows them.",
                .placeholder = "the event's stream key",
                .looks_right = key_shape::opaque,
                .per_broadcast = true},
        .preset = {.encoder_preset = "veryfast",
                   .video_bitrate_kbps = 4'000,
                   .width = 1'280,
                   .height = 720,
                   .fps = 30},
        .advice = linkedin_advice,
        .key_help = "The event's page, Go live, Custom stream (RTMP): get URL.",
        .key_page = "https://www.linkedin.com/video/golive",
    },
    {
        .id = "instagram",
        .name = "Instagram Live",
        .ingest_urls = {},
        .url_placeholder = "rtmps://live-upload.instagram.com:443/rtmp/",
        .limits = {.max_video_kbps = 4'000,
                   .max_audio_kbps = 128,
                   .max_width = 720,
                   .max_height = 1'280,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 2,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac,
                   .vertical = true},
        .key =
            {.description =
                 "\"IG-\" and digits, or a number with a question mark and more behind it. Copy all of it.",
             .placeholder = "IG-12345678901234567-0-AbCdEfGhIjKlMnOp",
             .looks_right = key_shape::instagram,
             .per_broadcast = true},
        .preset = {.encoder_preset = "veryfast",
                   .video_bitrate_kbps = 4'000,
                   .width = 720,
                   .height = 1'280,
                   .fps = 30},
        .advice = instagram_advice,
        .bridge_needed = true,
        .key_help = "Instagram on the web, Create, Live video, for accounts that have Live Producer.",
        .key_page = "https://www.instagram.com",
    },
    {
        .id = "tiktok",
        .name = "TikTok LIVE",
        .ingest_urls = {},
        .url_placeholder = "rtmp://push-rtmp-xxx-xxxx.tiktokcdn.com/game/",
        .limits = {.max_video_kbps = 6'000,
                   .max_audio_kbps = 128,
                   .max_width = 1'080,
                   .max_height = 1'920,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 2,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac,
                   .vertical = true},
        .key = {.description = "\"stream-\" and a number, then a question mark and more, \"expire=\" and "
                               "\"sign=\" in it. Copy "
                               "all of it.",
                .placeholder = "stream-1234567890123456789?expire=6912ab34&sign=0123456789abcdef",
                .looks_right = key_shape::tiktok,
                .per_broadcast = true},
        .preset = {.encoder_preset = "veryfast",
                   .video_bitrate_kbps = 4'000,
                   .width = 720,
                   .height = 1'280,
                   .fps = 30},
        .advice = tiktok_advice,
        .bridge_needed = true,
        .key_help =
            "TikTok's live producer on the web, for accounts that have it: server URL and stream key.",
        .key_page = "https://livecenter.tiktok.com/producer",
    },
    {
        .id = "x",
        .name = "X",
        .ingest_urls = x_urls,
        .url_placeholder = "rtmps://va.pscp.tv:443/x",
        .limits = {.max_video_kbps = 12'000,
                   .max_audio_kbps = 128,
                   .max_fps = 60,
                   .keyframe_interval_s = 3,
                   .max_keyframe_interval_s = 3,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac},
        .key = {.description = "Letters and digits, as Media Studio shows them.",
                .placeholder = "the source's stream key",
                .looks_right = key_shape::opaque},
        .preset = {.encoder_preset = "veryfast", .video_bitrate_kbps = 6'000},
        .advice = x_advice,
        .key_help = "Media Studio, Producer, Sources, Create source: RTMP.",
        .key_page = "https://studio.x.com/producer",
    },
    {
        .id = "trovo",
        .name = "Trovo",
        .ingest_urls = trovo_urls,
        .url_placeholder = "rtmp://livepush.trovo.live/live/",
        .limits = {.max_video_kbps = 9'000,
                   .max_audio_kbps = 160,
                   .keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 2,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac},
        .key = {.description = "Letters and digits, as Trovo Studio shows them.",
                .placeholder = "your stream key",
                .looks_right = key_shape::opaque},
        .preset = {.encoder_preset = "veryfast", .video_bitrate_kbps = 6'000},
        .advice = trovo_advice,
        .key_help = "Trovo Studio, Stream: \"Stream key\".",
        .key_page = "https://studio.trovo.live",
    },
    {
        .id = "cloudflare",
        .name = "Cloudflare Stream",
        .ingest_urls = cloudflare_urls,
        .url_placeholder = "rtmps://live.cloudflare.com:443/live/",
        .limits = {.max_total_kbps = 14'000,
                   .keyframe_interval_s = 4,
                   .min_keyframe_interval_s = 2,
                   .max_keyframe_interval_s = 10,
                   .video_codecs = only_h264,
                   .audio_codecs = only_aac},
        .key = {.description = "Letters and digits, 32 or more of them.",
                .placeholder = "0123456789abcdef0123456789abcdefk0123456789abcdef0123456789abcdef",
                .looks_right = key_shape::cloudflare},
        .preset = {.encoder_preset = "medium", .video_bitrate_kbps = 6'000, .keyframe_interval_s = 4},
        .advice = cloudflare_advice,
        .key_help = "Dashboard, Stream, Live inputs: the input's RTMPS key.",
        .key_page = "https://dash.cloudflare.com",
    },
    {
        .id = "custom",
        .name = "Custom RTMP",
        .ingest_urls = {},
        .url_placeholder = "rtmps://server.example/app",
        .limits = {},
        .key = {.description = "What the server's operator gave you; it may be empty.",
                .placeholder = "stream key",
                .looks_right = key_shape::opaque},
        .preset = {.encoder_preset = "veryfast", .video_bitrate_kbps = 6'000},
        .advice = custom_advice,
        .key_help = "The server's operator tells you URL and key.",
        .key_page = "",
    },
}};

}  // namespace

std::span<const Platform> catalogue() {
    return platforms;
}

const Platform* find(std::string_view id) {
    const auto found =
        std::find_if(platforms.begin(), platforms.end(), [&](const Platform& p) { return p.id == id; });
    return found == platforms.end() ? nullptr : &*found;
}

}  // namespace platform
