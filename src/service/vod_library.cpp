#include "service/vod_library.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "format/m3u8/writer.h"
#include "output/hls/shared_text.h"
#include "service/vod_disk.h"

namespace service {
namespace {

namespace m3u8 = format::m3u8;

constexpr std::string_view playlist_type = "application/vnd.apple.mpegurl";
// Whoever makes a recording private expects it to be gone from caches before long.
constexpr std::chrono::seconds media_lifetime{3'600};
constexpr std::chrono::seconds playlist_lifetime{60};
constexpr std::chrono::seconds growing_lifetime{2};

// "12" of "12.mp4"; nothing for anything that is not written just so.
std::optional<std::uint32_t> number_of(std::string_view name, std::string_view ending) {
    if (name.size() <= ending.size() || name.substr(name.size() - ending.size()) != ending)
        return std::nullopt;
    name.remove_suffix(ending.size());
    std::uint32_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed != std::errc() || end != name.data() + name.size()) return std::nullopt;
    if (number == 0 || name.front() == '0') return std::nullopt;
    return number;
}

const media::RecordingFile* find(const VodFiles& asset, std::uint32_t number) {
    for (const auto& file : asset.files)
        if (file.number == number) return &file;
    return nullptr;
}

std::uint64_t bits_per_second(std::uint64_t bytes, std::chrono::microseconds duration) {
    const auto millis = std::max<std::int64_t>(duration.count() / 1'000, 1);
    return bytes * 8 * 1'000 / static_cast<std::uint64_t>(millis);
}

// All that a playlist's text depends on.
std::string etag_of(const VodFiles& asset, std::string_view name) {
    std::uint64_t bytes = 0;
    for (const auto& file : asset.files) bytes += file.size;
    return asset.asset_id + "-" + std::string(name) + "-" + std::to_string(bytes) +
           (asset.finished ? "-end" : "");
}

// The codecs of all files, each named once.
std::string codecs_of(const std::vector<media::RecordingFile>& files) {
    std::vector<std::string_view> all;
    for (const auto& file : files)
        for (std::string_view rest = file.codecs; !rest.empty();) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view one = rest.substr(0, comma);
            if (!one.empty() && std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    std::string text;
    for (const std::string_view one : all) {
        if (!text.empty()) text += ',';
        text += one;
    }
    return text;
}

// Follows segments one after another: the highest rate over half a target duration and more, which is what
// players have to sustain (draft-pantos-hls-rfc8216bis, 4.4.6.2), and that over all.
class RateMeter {
  public:
    void add(const VodSegment& segment) {
        window_.push_back(segment);
        bytes_ += segment.size;
        duration_ += segment.duration;
        all_bytes_ += segment.size;
        all_duration_ += segment.duration;
        while (duration_ - window_[first_].duration >= vod_segment_max / 2) {
            bytes_ -= window_[first_].size;
            duration_ -= window_[first_].duration;
            ++first_;
        }
        if (duration_ >= vod_segment_max / 2) peak_ = std::max(peak_, bits_per_second(bytes_, duration_));
    }
    std::uint64_t average() const { return bits_per_second(all_bytes_, all_duration_); }
    std::uint64_t peak() const { return std::max(peak_, average()); }

  private:
    std::vector<VodSegment> window_;
    std::size_t first_ = 0;
    std::uint64_t bytes_ = 0;
    std::chrono::microseconds duration_{0};
    std::uint64_t all_bytes_ = 0;
    std::chrono::microseconds all_duration_{0};
    std::uint64_t peak_ = 0;
};

}  // namespace

base::Result<media::Content> VodLibrary::answer(const VodFiles& asset, std::string_view file,
                                                const std::string& uri_query) {
    if (file == "index.m3u8") return written(asset, 0, uri_query, "index", &VodLibrary::multivariant);
    if (file == "media.m3u8") return written(asset, 0, uri_query, "media", &VodLibrary::playlist);
    if (file == "thumbnail.jpg") return thumbnail(asset);
    if (file == "video.mp4") {
        const auto longest = std::max_element(
            asset.files.begin(), asset.files.end(),
            [](const auto& one, const auto& other) { return one.duration < other.duration; });
        if (longest == asset.files.end()) return base::fail(nothing_to_play());
        return video(asset, *longest, true);
    }
    if (const auto number = number_of(file, ".mp4"))
        if (const auto* found = find(asset, *number)) return video(asset, *found, false);
    if (const auto number = number_of(file, ".m3u8"))
        if (find(asset, *number))
            return written(asset, *number, uri_query, std::to_string(*number), &VodLibrary::playlist);
    return base::fail(no_such_recorded_file());
}

base::Result<media::Content> VodLibrary::written(const VodFiles& asset, std::uint32_t only,
                                                 const std::string& uri_query, const std::string& name,
                                                 Write write) {
    media::Content content;
    content.type = playlist_type;
    content.lifetime = asset.finished ? playlist_lifetime : growing_lifetime;
    content.personal = !asset.open;
    content.etag = etag_of(asset, name);
    content.modified = asset.updated_at;
    // One with a query is somebody's own, and one that grows is soon another.
    const bool shared = asset.finished && uri_query.empty();
    const std::string key = asset.asset_id + "/" + name;
    if (shared) {
        const std::lock_guard lock(mutex_);
        if (const auto known = texts_.find(key);
            known != texts_.end() && known->second.etag == content.etag) {
            known->second.used = ++uses_;
            content.body = known->second.text;
            content.gzip = known->second.gzip;
            return content;
        }
    }
    auto text = (this->*write)(asset, only, uri_query);
    if (!text) return base::fail(std::move(text.error()));
    auto body = std::make_shared<const std::string>(std::move(*text));
    if (shared) {
        content.gzip = output::hls::gzip(*body);
        keep(key, {content.etag, body, content.gzip});
    }
    content.body = std::move(body);
    return content;
}

void VodLibrary::keep(const std::string& key, Written written) {
    const std::lock_guard lock(mutex_);
    const auto drop = [&](auto entry) {
        text_bytes_ -= entry->second.bytes();
        texts_.erase(entry);
    };
    if (const auto before = texts_.find(key); before != texts_.end()) drop(before);
    written.used = ++uses_;
    text_bytes_ += written.bytes();
    texts_.emplace(key, std::move(written));
    while (text_bytes_ > max_known_text)
        drop(std::min_element(texts_.begin(), texts_.end(), [](const auto& one, const auto& other) {
            return one.second.used < other.second.used;
        }));
}

base::Result<std::string> VodLibrary::multivariant(const VodFiles& asset, std::uint32_t only,
                                                   const std::string& uri_query) {
    const auto listed = look(asset, only);
    if (!listed) return base::fail(listed.error());
    m3u8::Variant variant;
    variant.uri = "media.m3u8" + uri_query;
    RateMeter rate;
    m3u8::Resolution largest;
    bool independent = true;
    for (const Listed& one : *listed) {
        for (const VodSegment& segment : one.segments) {
            rate.add(segment);
            independent = independent && segment.independent;
        }
        const auto width = static_cast<std::uint32_t>(std::max(one.file.width, 0));
        const auto height = static_cast<std::uint32_t>(std::max(one.file.height, 0));
        if (std::uint64_t{width} * height > std::uint64_t{largest.width} * largest.height)
            largest = {width, height};
    }
    variant.bandwidth = rate.peak();
    variant.average_bandwidth = rate.average();
    variant.codecs = codecs_of(asset.files);
    if (largest.width > 0) variant.resolution = largest;
    m3u8::MultivariantPlaylist playlist;
    playlist.independent_segments = independent;
    playlist.variants.push_back(std::move(variant));
    return m3u8::write(playlist);
}

base::Result<std::string> VodLibrary::playlist(const VodFiles& asset, std::uint32_t only,
                                               const std::string& uri_query) {
    const auto listed = look(asset, only);
    if (!listed) return base::fail(listed.error());
    m3u8::MediaPlaylist playlist;
    playlist.type = asset.finished ? m3u8::PlaylistType::vod : m3u8::PlaylistType::event;
    playlist.ended = asset.finished;
    playlist.independent_segments = asset.finished;
    m3u8::Duration longest = vod_segment_max;
    for (const Listed& one : *listed) {
        const std::string uri = std::to_string(one.file.number) + ".mp4" + uri_query;
        const m3u8::Map map{uri, m3u8::ByteRange{one.init_size, 0}};
        bool first = true;
        for (const VodSegment& segment : one.segments) {
            m3u8::Segment entry;
            entry.start.map = map;
            entry.start.discontinuity = !playlist.segments.empty() && (first || segment.after_gap);
            if (first) entry.start.program_date_time = one.file.started_at;
            entry.uri = uri;
            entry.duration = segment.duration;
            entry.range = m3u8::ByteRange{segment.size, segment.offset};
            playlist.independent_segments = playlist.independent_segments && segment.independent;
            longest = std::max(longest, entry.duration);
            playlist.segments.push_back(std::move(entry));
            first = false;
        }
    }
    playlist.target_duration = m3u8::target_duration_for(longest);
    return m3u8::write(playlist, m3u8::Form::plain);
}

base::Result<media::Content> VodLibrary::video(const VodFiles& asset, const media::RecordingFile& file,
                                               bool download) {
    auto opened = open_recorded(path_of(asset.asset_id, std::to_string(file.number) + ".mp4"));
    if (!opened && opened.error().code == base::ErrorCode::not_found && asset.objects.contains(file.number))
        return redirect(asset, file, download);
    if (!opened) return base::fail(opened.error());
    // What is known to be safe, and never more than there is.
    const std::uint64_t size = std::min(file.size, opened->size);
    if (size == 0) return base::fail(nothing_to_play());
    media::Content content;
    content.body = base::FileSlice{opened->file, 0, size, false};
    content.type = file.width > 0 ? "video/mp4" : "audio/mp4";
    content.lifetime = file.complete ? media_lifetime : growing_lifetime;
    content.personal = !asset.open;
    // Its end is written into its head, too.
    content.etag = asset.asset_id + "-" + std::to_string(file.number) + "-" + std::to_string(size) +
                   (file.complete ? "-end" : "");
    content.modified = opened->modified;
    if (download) content.download_name = download_name(asset.title);
    return content;
}

base::Result<media::Content> VodLibrary::redirect(const VodFiles& asset, const media::RecordingFile& file,
                                                  bool download) const {
    if (!link_)
        return base::fail(base::ErrorCode::unavailable,
                          "This recording is in an object store that the server is not set up for.");
    auto address = link_(asset.objects.at(file.number), file.width > 0 ? "video/mp4" : "audio/mp4",
                         download ? download_name(asset.title) : std::string());
    if (!address) return base::fail(std::move(address.error()));
    media::Content content;
    content.redirect = std::move(*address);
    content.body = base::FileSlice{nullptr, 0, file.size, false};
    content.type = file.width > 0 ? "video/mp4" : "audio/mp4";
    if (download) content.download_name = download_name(asset.title);
    content.personal = true;
    return content;
}

base::Result<media::Content> VodLibrary::thumbnail(const VodFiles& asset) const {
    auto opened = open_recorded(path_of(asset.asset_id, poster_name));
    if (!opened) return base::fail(opened.error());
    media::Content content;
    content.body = base::FileSlice{opened->file, 0, opened->size, false};
    content.type = "image/jpeg";
    content.lifetime = playlist_lifetime;
    content.personal = !asset.open;
    content.etag = asset.asset_id + "-thumbnail-" + std::to_string(opened->size) + "-" +
                   std::to_string(base::unix_millis(opened->modified));
    content.modified = opened->modified;
    return content;
}

bool VodLibrary::has_thumbnail(const std::string& asset_id) const {
    return ::access(path_of(asset_id, poster_name).c_str(), R_OK) == 0;
}

}  // namespace service
