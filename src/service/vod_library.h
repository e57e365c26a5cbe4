// VodLibrary: what /vod/{assetId}/{file} answers: playlists, and parts of the recorded files as they lie on
// the disk. Owned by RecordingService, safe from any thread; blocks on the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "media/content.h"
#include "service/vod_files.h"
#include "service/vod_index.h"
#include "service/vod_index_file.h"

namespace service {

class VodLibrary {
  public:
    // Segments that are remembered at most, over all files.
    static constexpr std::size_t max_known_segments = 200'000;
    // Playlists of finished recordings that are kept as they were written, in bytes.
    static constexpr std::size_t max_known_text = 16 * 1024 * 1024;

    // A signed address of an object that is saved under `name` where that is not empty.
    using Link = std::function<base::Result<std::string>(const std::string& key, const std::string& type,
                                                         const std::string& name)>;

    // Without `link` there is no object store.
    explicit VodLibrary(std::filesystem::path folder, Link link = {})
        : folder_(std::move(folder)), link_(std::move(link)) {}

    // index.m3u8      the multivariant playlist: one variant, media.m3u8
    // media.m3u8      all files, one behind the other; {number}.m3u8: one of them alone
    // {number}.mp4    one file; video.mp4: the longest of them, to be saved under the title
    // thumbnail.jpg   where there is one
    // A file that is no longer here, and is in the object store, is answered with a redirect.
    // `uri_query` is put behind every URI of a playlist. No playlist names bytes that VodFiles does not.
    // Errors: not_found; unavailable when the disk does not answer.
    base::Result<media::Content> answer(const VodFiles& asset, std::string_view file,
                                        const std::string& uri_query = {});
    bool has_thumbnail(const std::string& asset_id) const;
    // Keeps what playlists need of a finished file that is about to leave. Errors: not_found when there is
    // nothing in it to play; unavailable.
    base::Result<> save_index(const media::RecordingFile& file) const;
    // The picture and the indexes, which are no files of the engine's.
    void remove_extras(const std::string& asset_id, const std::vector<std::uint32_t>& numbers) const;
    // The asset was deleted.
    void forget(const std::string& asset_id);

    // For tests: what is remembered.
    std::size_t known_segments() const;
    std::size_t known_text() const;

  private:
    struct Known {
        std::mutex mutex;
        VodIndex index;
        // Of a file that is no longer here.
        std::optional<SavedIndex> saved;
    };
    struct Entry {
        std::shared_ptr<Known> known;
        std::uint64_t used = 0;
        std::size_t segments = 0;
    };
    // A playlist as it was written; the next that asks gets the same bytes.
    struct Written {
        std::string etag;
        media::SharedText text;
        media::SharedText gzip;
        std::uint64_t used = 0;
        std::size_t bytes() const { return text->size() + (gzip ? gzip->size() : 0); }
    };
    // What a playlist needs of one file.
    struct Listed {
        media::RecordingFile file;
        std::uint64_t init_size = 0;
        std::vector<VodSegment> segments;
    };

    using Write = base::Result<std::string> (VodLibrary::*)(const VodFiles& asset, std::uint32_t only,
                                                            const std::string& uri_query);
    base::Result<media::Content> written(const VodFiles& asset, std::uint32_t only,
                                         const std::string& uri_query, const std::string& name, Write write);
    void keep(const std::string& key, Written written);
    base::Result<std::vector<Listed>> look(const VodFiles& asset, std::uint32_t only);
    base::Result<Listed> look(const VodFiles& asset, const media::RecordingFile& file);
    base::Result<SavedIndex> saved_index(const std::string& asset_id, std::uint32_t number) const;
    base::Result<media::Content> redirect(const VodFiles& asset, const media::RecordingFile& file,
                                          bool download) const;
    base::Result<std::string> multivariant(const VodFiles& asset, std::uint32_t only,
                                           const std::string& uri_query);
    base::Result<std::string> playlist(const VodFiles& asset, std::uint32_t only,
                                       const std::string& uri_query);
    base::Result<media::Content> video(const VodFiles& asset, const media::RecordingFile& file,
                                       bool download);
    base::Result<media::Content> thumbnail(const VodFiles& asset) const;
    std::filesystem::path path_of(const std::string& asset_id, const std::string& name) const;
    void remember(const std::string& key, std::size_t segments);

    const std::filesystem::path folder_;
    const Link link_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::uint64_t uses_ = 0;
    std::size_t segments_ = 0;
    std::map<std::string, Written> texts_;
    std::size_t text_bytes_ = 0;
};

}  // namespace service
