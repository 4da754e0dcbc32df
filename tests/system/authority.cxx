// SPDX-License-Identifier: BSD-2-Clause
#include "authority.hxx"

#include "mailbox.hxx"
#include "process.hxx"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace fs = std::filesystem;

namespace machine {

namespace {

void Openssl(std::vector<std::string> words) {
  words.insert(words.begin(), "openssl");
  Check(words);
}

// As update-ca-certificates(8) does, which takes long where it takes long to start a program: it starts
// several for each authority.
void Trust(const std::string& certificate) {
  const std::string directory = "/etc/ssl/certs";
  const auto hash = Check({"openssl", "x509", "-noout", "-hash", "-in", certificate}).substr(0, 8);
  fs::copy_file(certificate, fmt::format("{}/{}.0", directory, hash), fs::copy_options::overwrite_existing);
  std::ofstream(directory + "/ca-certificates.crt", std::ios::app) << TextOf(certificate);
}

std::string Sha256(const std::string& command) {
  return Check({"sh", "-c", command + " | sha256sum"}).substr(0, 64);
}

}  // namespace

Authority::Authority() {
  fs::create_directories(directory_);
  Openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
           "-subj", "/CN=Test authority", "-keyout", File("ca", "key"), "-out", Root()});
  Trust(Root());
}

void Authority::Issue(const std::string& name) const {
  const auto request = File(name, "request");
  const auto extensions = File(name, "extensions");
  Openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
           "-keyout", Key(name), "-out", request});
  std::ofstream(extensions) << "subjectAltName=DNS:" << name << "\n";
  Openssl({"x509", "-req", "-in", request, "-CA", Root(), "-CAkey", File("ca", "key"), "-CAcreateserial",
           "-days", "2", "-extfile", extensions, "-out", Certificate(name)});
  std::ofstream(Certificate(name), std::ios::app) << TextOf(Root());
}

std::string DigestOfCertificate(const std::string& file) {
  return Sha256("openssl x509 -in " + file + " -outform DER");
}

std::string DigestOfKey(const std::string& file) {
  return Sha256("openssl x509 -in " + file + " -pubkey -noout | openssl pkey -pubin -outform DER");
}

}  // namespace machine
