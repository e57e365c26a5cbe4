// VodLibrary: what /vod/{assetId}/{file} answers: playlists, and parts of the recorded files as they lie on
// the disk. Owned by RecordingService, safe from any thread; blocks on the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "media/content.h"
#include "service/vod_files.h"
#include "service/vod_index.h"

namespace service {

class VodLibrary {
  public:
    // Segments that are remembered at most, over all files.
    static constexpr std::size_t max_known_segments = 200'000;

    explicit VodLibrary(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // index.m3u8      the multivariant playlist: one variant, media.m3u8
    // media.m3u8      all files, one behind the other; {number}.m3u8: one of them alone
    // {number}.mp4    one file; video.mp4: the longest of them, to be saved under the title
    // thumbnail.jpg   where there is one
    // `uri_query` is put behind every URI of a playlist. No playlist names bytes that VodFiles does not.
    // Errors: not_found; unavailable when the disk does not answer.
    base::Result<media::Content> answer(const VodFiles& asset, std::string_view file,
                                        const std::string& uri_query = {});
    bool has_thumbnail(const std::string& asset_id) const;
    // The asset was deleted.
    void forget(const std::string& asset_id);

    // For tests: the segments that are remembered.
    std::size_t known_segments() const;

  private:
    struct Known {
        std::mutex mutex;
        VodIndex index;
    };
    struct Entry {
        std::shared_ptr<Known> known;
        std::uint64_t used = 0;
        std::size_t segments = 0;
    };
    // What a playlist needs of one file.
    struct Listed {
        media::RecordingFile file;
        std::uint64_t init_size = 0;
        std::vector<VodSegment> segments;
    };

    base::Result<std::vector<Listed>> look(const VodFiles& asset, std::uint32_t only);
    base::Result<Listed> look(const VodFiles& asset, const media::RecordingFile& file);
    base::Result<media::Content> multivariant(const VodFiles& asset, const std::string& uri_query);
    base::Result<media::Content> playlist(const VodFiles& asset, std::uint32_t only,
                                          const std::string& uri_query);
    base::Result<media::Content> video(const VodFiles& asset, const media::RecordingFile& file,
                                       bool download);
    base::Result<media::Content> thumbnail(const VodFiles& asset) const;
    std::filesystem::path path_of(const std::string& asset_id, const std::string& name) const;
    void remember(const std::string& key, std::size_t segments);

    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::uint64_t uses_ = 0;
    std::size_t segments_ = 0;
};

// A file's name as browsers and disks take it, from a title: "Jazz/Blues" gives "Jazz Blues.mp4".
std::string download_name(std::string_view title);

}  // namespace service
