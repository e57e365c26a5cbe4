#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "api/http/server.h"
#include "support/raw_http.h"

namespace api::http {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::StartsWith;

class Secure : public RequestSink {
  public:
    void handle(Request request, Reply reply) override {
        Response response;
        response.body = request.secure ? "secure" : "plain";
        if (request.path == "/file") response.file = file;
        if (request.path == "/text") response.text = text;
        if (request.path == "/source") response.source = source;
        reply(std::move(response));
    }
    Response refuse(int status, const base::Error&, std::string_view) override {
        Response response;
        response.status = status;
        return response;
    }

    base::FileSlice file;
    std::shared_ptr<const std::string> text;
    std::shared_ptr<base::ByteSource> source;
};

class MemoryFile final : public base::FileHandle {
  public:
    explicit MemoryFile(const std::string& content) : descriptor_(::memfd_create("test", MFD_CLOEXEC)) {
        EXPECT_EQ(::write(descriptor_, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    }
    ~MemoryFile() override { ::close(descriptor_); }
    int descriptor() const override { return descriptor_; }

  private:
    int descriptor_;
};

// Many small parts and one large, and then the end.
class OneGo final : public base::ByteSource {
  public:
    explicit OneGo(const std::string& large) : large_(large) {}
    void start(std::function<void()>) override {}
    Pull pull(base::MonotonicTime, base::GatherList& out) override {
        for (int i = 0; i < 2'000; ++i) {
            out.add_view(base::as_bytes("ab"));
            out.add_view(base::as_bytes("cd"));
        }
        out.add_view(base::as_bytes(large_));
        return {.end = true};
    }

  private:
    const std::string& large_;
};

class TlsTest : public testing::Test {
  protected:
    TlsTest()
        : folder(std::filesystem::temp_directory_path() / ("everycast-tls-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder);
        settings.listen = "127.0.0.1:0";
        settings.certificate_file = folder / "cert.pem";
        settings.key_file = folder / "key.pem";
    }
    ~TlsTest() override { std::filesystem::remove_all(folder); }

    void make_certificate() {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
            "-subj /CN=localhost -keyout '" +
            settings.key_file + "' -out '" + settings.certificate_file + "' 2>/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }

    std::filesystem::path folder;
    ServerSettings settings;
    Secure sink;
};

TEST_F(TlsTest, SpeaksHttps) {
    make_certificate();
    Server server(settings, sink, base::Logger());
    const auto started = server.start();
    ASSERT_TRUE(started) << started.error().message;

    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(settings.certificate_file);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), server.port()});
    stream.handshake(asio::ssl::stream_base::client);
    const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    asio::write(stream, asio::buffer(request));
    std::string answer;
    boost::system::error_code ended;
    asio::read(stream, asio::dynamic_buffer(answer), ended);
    EXPECT_EQ(ended, asio::error::eof) << "closed with TLS's own goodbye";
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
    EXPECT_THAT(answer, testing::EndsWith("secure"));
}

TEST_F(TlsTest, SendsBodiesOfEachKind) {
    make_certificate();
    std::string content;
    for (int i = 0; content.size() < 5'000'000; ++i) content += std::to_string(i) + ",";
    const auto file = std::make_shared<MemoryFile>(content);
    sink.text = std::make_shared<const std::string>(content);
    Server server(settings, sink, base::Logger());
    ASSERT_TRUE(server.start());
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    const auto ask = [&](const std::string& path) {
        asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
        stream.next_layer().connect({asio::ip::address_v4::loopback(), server.port()});
        stream.handshake(asio::ssl::stream_base::client);
        const std::string request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        asio::write(stream, asio::buffer(request));
        // What it does not read at first makes the server wait in the middle of a record.
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        std::string answer;
        boost::system::error_code ended;
        asio::read(stream, asio::dynamic_buffer(answer), ended);
        return answer.substr(answer.find("\r\n\r\n") + 4);
    };
    EXPECT_TRUE(ask("/text") == content);
    for (const bool resident : {true, false}) {
        sink.file = {file, 10, content.size() - 20, resident};
        EXPECT_TRUE(ask("/file") == content.substr(10, content.size() - 20)) << resident;
    }
    sink.source = std::make_shared<OneGo>(content);
    const std::string chunked = ask("/source");
    const std::size_t size = 2'000 * 4 + content.size();
    EXPECT_EQ(chunked.size(), size + 8 + 2 + 5);
    EXPECT_EQ(std::stoul(chunked, nullptr, 16), size);
    EXPECT_EQ(chunked.find("abcdabcd"), 8u);
    EXPECT_TRUE(chunked.substr(8 + 8'000, content.size()) == content);
}

TEST_F(TlsTest, DoesNotAnswerPlainHttpOnATlsPort) {
    make_certificate();
    settings.tls_deadline = std::chrono::milliseconds(500);
    Server server(settings, sink, base::Logger());
    ASSERT_TRUE(server.start());
    test_support::RawHttp plain(server.port());
    plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(plain.read_response().status, 0);
    test_support::RawHttp silent(server.port());
    EXPECT_TRUE(silent.ends()) << "a handshake that never comes has its deadline";
}

TEST_F(TlsTest, SaysWhatIsWrongWithItsFiles) {
    Server missing(settings, sink, base::Logger());
    const auto not_there = missing.start();
    ASSERT_FALSE(not_there);
    EXPECT_THAT(not_there.error().message, HasSubstr(settings.certificate_file));

    make_certificate();
    std::ofstream(settings.key_file) << "no key";
    Server broken(settings, sink, base::Logger());
    const auto no_key = broken.start();
    ASSERT_FALSE(no_key);
    EXPECT_THAT(no_key.error().message, HasSubstr(settings.key_file));
}

}  // namespace
}  // namespace api::http
