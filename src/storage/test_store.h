// A store for one test: tests/support/object_store.mjs, or s3rver from npm, as a child that goes with it.
#pragma once

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "storage/settings.h"

namespace storage::test {

inline const std::filesystem::path tests = std::filesystem::path(EVERYCAST_SOURCE_DIR) / "tests";
// What must never be seen in a log or an error.
inline constexpr const char* secret = "canary/secret+key";

// `node` with these arguments; its first line is the port.
class Node {
  public:
    explicit Node(std::vector<std::string> arguments) {
        int in[2];
        int out[2];
        if (::pipe(in) != 0 || ::pipe(out) != 0) return;
        posix_spawn_file_actions_t files;
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_adddup2(&files, in[0], 0);
        ::posix_spawn_file_actions_adddup2(&files, out[1], 1);
        ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
        arguments.insert(arguments.begin(), "node");
        std::vector<char*> list;
        for (std::string& argument : arguments) list.push_back(argument.data());
        list.push_back(nullptr);
        if (::posix_spawnp(&pid_, "node", &files, nullptr, list.data(), environ) != 0) pid_ = -1;
        ::posix_spawn_file_actions_destroy(&files);
        ::close(in[0]);
        ::close(out[1]);
        in_ = in[1];
        pollfd look{out[0], POLLIN, 0};
        for (char c = 0;
             pid_ > 0 && ::poll(&look, 1, 20'000) == 1 && ::read(out[0], &c, 1) == 1 && c != '\n';)
            line_.push_back(c);
        ::close(out[0]);
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() { kill(); }
    // It clears up when its input ends.
    void kill() {
        if (pid_ <= 0) return;
        ::close(in_);
        for (int i = 0; i < 200 && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) ::usleep(10'000);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    bool started() const { return !line_.empty(); }
    std::string endpoint() const { return "http://127.0.0.1:" + line_; }

  private:
    pid_t pid_ = -1;
    int in_ = -1;
    std::string line_;
};

inline StoreSettings settings_for(const Node& node) {
    StoreSettings settings;
    settings.endpoint = node.endpoint();
    settings.region = "eu-test-1";
    settings.bucket = "shows";
    settings.access_key_id = "S3RVER";
    settings.secret_key = base::Secret(secret);
    settings.first_delay = std::chrono::milliseconds(10);
    settings.longest_delay = std::chrono::milliseconds(50);
    settings.connect_timeout = std::chrono::milliseconds(2'000);
    return settings;
}

inline std::size_t append_to(char* data, std::size_t, std::size_t size, void* into) {
    static_cast<std::string*>(into)->append(data, size);
    return size;
}

// Unsigned; the body, or "HTTP 403".
inline std::string fetch(const std::string& url, const std::string& put = {}) {
    CURL* const handle = curl_easy_init();
    std::string body;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_to);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, 10L);
    if (!put.empty()) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, put.c_str());
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "PUT");
    }
    long status = 0;
    if (curl_easy_perform(handle) == CURLE_OK) curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(handle);
    return status == 200 ? body : "HTTP " + std::to_string(status);
}

inline std::string bytes_of_size(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& c : bytes) c = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
    return bytes;
}

// The scripted store, a folder for files, and what is asked of the store.
class WithStore : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(store_.started()) << "node is not installed";
        std::string name = (std::filesystem::temp_directory_path() / "storage-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    // In JSON: [{"request": "PUT a", "fault": "hang", "times": 1}].
    void script(const std::string& faults) { fetch(store_.endpoint() + "/_faults", faults); }
    std::string log() { return fetch(store_.endpoint() + "/_log"); }
    std::size_t count(const std::string& text) {
        std::size_t found = 0;
        std::istringstream lines(log());
        for (std::string line; std::getline(lines, line);)
            found += line.find(text) != std::string::npos ? 1 : 0;
        return found;
    }
    std::filesystem::path file(std::size_t size) {
        const std::filesystem::path path = folder_ / ("file" + std::to_string(++files_));
        std::ofstream(path, std::ios::binary) << bytes_of_size(size);
        return path;
    }

    Node store_{
        {(tests / "support/object_store.mjs").string(),
         std::string(R"({"bucket":"shows","region":"eu-test-1","accessKeyId":"S3RVER","secretKey":")") +
             secret + "\"}"}};
    std::filesystem::path folder_;
    int files_ = 0;
};

}  // namespace storage::test
