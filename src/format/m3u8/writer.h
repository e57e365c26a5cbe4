// Playlists as text (draft-pantos-hls-rfc8216bis-22). EXT-X-VERSION is the least that a text needs (section
// 8), so a delta update says more than the full playlist. What a text cannot hold is replaced: in quoted
// strings a quote by an apostrophe and control characters by spaces (4.1, 4.2), in URIs by percent-encoding.
// Pure; any thread.
#pragma once

#include <string>

#include "format/m3u8/playlist.h"

namespace format::m3u8 {

// Plain is for players that know nothing of parts: whole segments only, and nothing that asks for more of the
// server.
enum class Form { low_latency, plain };

std::string write(const MultivariantPlaylist& playlist);
std::string write(const MediaPlaylist& playlist, Form form);

// The delta update of the low-latency form (6.2.5.1): segments that ended longer ago than the skip boundary
// are replaced by their number. The full playlist where there is none, no boundary, or nothing more to come.
std::string write_delta(const MediaPlaylist& playlist);

}  // namespace format::m3u8
