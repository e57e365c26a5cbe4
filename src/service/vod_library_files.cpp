// What the library knows of its files: their segments, read from them or from the index beside them, and for
// how many it remembers them.
#include <unistd.h>

#include <algorithm>

#include "service/vod_disk.h"
#include "service/vod_library.h"

namespace service {
namespace {

std::string index_name(std::uint32_t number) {
    return std::to_string(number) + ".index";
}

}  // namespace

base::Result<> VodLibrary::save_index(const media::RecordingFile& file) const {
    const auto opened = open_recorded(path_of(file.asset_id, std::to_string(file.number) + ".mp4"));
    if (!opened) return base::fail(opened.error());
    const std::uint64_t size = std::min(file.size, opened->size);
    VodIndex index;
    if (const auto read = index.extend(opened->file->descriptor(), size, true); !read) return read;
    SavedIndex saved{index.init_size(), index.segments()};
    std::erase_if(saved.segments,
                  [&](const VodSegment& segment) { return segment.offset + segment.size > size; });
    const auto bytes = write_index(saved);
    if (!bytes)
        return base::fail(base::ErrorCode::limit_exceeded, "The recording has more segments than are kept.");
    return write_beside(folder_, file.asset_id, index_name(file.number), *bytes);
}

void VodLibrary::remove_extras(const std::string& asset_id, const std::vector<std::uint32_t>& numbers) const {
    std::vector<std::string> names{poster_name};
    for (const std::uint32_t number : numbers) names.push_back(index_name(number));
    for (const std::string& name : names) {
        // What stays is in nobody's way but the folder's, which is then told of at the next start.
        (void)remove_beside(folder_, asset_id, name);
        (void)remove_beside(folder_, asset_id, name + ".new");
    }
}

base::Result<SavedIndex> VodLibrary::saved_index(const std::string& asset_id, std::uint32_t number) const {
    const auto opened = open_recorded(path_of(asset_id, index_name(number)));
    if (!opened) return base::fail(opened.error());
    if (opened->size > max_index_size) return base::fail(no_such_recorded_file());
    base::Bytes bytes(static_cast<std::size_t>(opened->size));
    const ssize_t got = ::pread(opened->file->descriptor(), bytes.data(), bytes.size(), 0);
    if (got < 0)
        return base::fail(base::ErrorCode::unavailable,
                          "The recording's index cannot be read from the disk.");
    auto index = read_index(base::ByteView(bytes).first(static_cast<std::size_t>(got)));
    if (!index) return base::fail(no_such_recorded_file());
    return std::move(*index);
}

base::Result<std::vector<VodLibrary::Listed>> VodLibrary::look(const VodFiles& asset, std::uint32_t only) {
    std::vector<Listed> listed;
    for (const auto& file : asset.files) {
        if ((only != 0 && file.number != only) || file.size == 0) continue;
        auto one = look(asset, file);
        // A file that a crash left without a head costs its own part of the show.
        if (!one && one.error().code == base::ErrorCode::not_found) continue;
        if (!one) return base::fail(one.error());
        if (!one->segments.empty()) listed.push_back(std::move(*one));
    }
    if (listed.empty()) return base::fail(nothing_to_play());
    return listed;
}

base::Result<VodLibrary::Listed> VodLibrary::look(const VodFiles& asset, const media::RecordingFile& file) {
    const std::string key = asset.asset_id + "/" + std::to_string(file.number);
    std::shared_ptr<Known> known;
    {
        const std::lock_guard lock(mutex_);
        Entry& entry = entries_[key];
        if (!entry.known) entry.known = std::make_shared<Known>();
        entry.used = ++uses_;
        known = entry.known;
    }
    const std::lock_guard one_reader(known->mutex);
    const auto opened = open_recorded(path_of(asset.asset_id, std::to_string(file.number) + ".mp4"));
    if (!opened && opened.error().code == base::ErrorCode::not_found && asset.objects.contains(file.number)) {
        if (!known->saved) {
            auto saved = saved_index(asset.asset_id, file.number);
            if (!saved) return base::fail(saved.error());
            known->saved = std::move(*saved);
        }
        Listed listed{file, known->saved->init_size, known->saved->segments};
        remember(key, listed.segments.size());
        return listed;
    }
    if (!opened) return base::fail(opened.error());
    // What is known to be safe, and never more than there is.
    const std::uint64_t size = std::min(file.size, opened->size);
    const auto read = known->index.extend(opened->file->descriptor(), size, file.complete || asset.finished);
    if (!read) return base::fail(read.error());
    Listed listed{file, known->index.init_size(), known->index.segments()};
    std::erase_if(listed.segments,
                  [&](const VodSegment& segment) { return segment.offset + segment.size > size; });
    remember(key, listed.segments.size());
    return listed;
}

void VodLibrary::remember(const std::string& key, std::size_t segments) {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) return;
    segments_ += segments - entry->second.segments;
    entry->second.segments = segments;
    while (segments_ > max_known_segments && entries_.size() > 1) {
        const auto oldest = std::min_element(
            entries_.begin(), entries_.end(),
            [](const auto& one, const auto& other) { return one.second.used < other.second.used; });
        segments_ -= oldest->second.segments;
        entries_.erase(oldest);
    }
}

void VodLibrary::forget(const std::string& asset_id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& entry) {
        if (!entry.first.starts_with(asset_id + "/")) return false;
        segments_ -= entry.second.segments;
        return true;
    });
    std::erase_if(texts_, [&](const auto& entry) {
        if (!entry.first.starts_with(asset_id + "/")) return false;
        text_bytes_ -= entry.second.bytes();
        return true;
    });
}

std::size_t VodLibrary::known_text() const {
    const std::lock_guard lock(mutex_);
    return text_bytes_;
}

std::size_t VodLibrary::known_segments() const {
    const std::lock_guard lock(mutex_);
    return segments_;
}

std::filesystem::path VodLibrary::path_of(const std::string& asset_id, const std::string& name) const {
    return folder_ / asset_id / name;
}

}  // namespace service
