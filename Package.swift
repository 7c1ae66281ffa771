// swift-tools-version: 6.2
//
// TRIMTAB_EMBEDDED=1  builds kernels, engine and ABI as Embedded Swift: what `make lib` ships.
// TRIMTAB_DISPATCH=1  builds the kernels for x86-64-v3 and x86-64-v4 too and chooses at run time. It needs unsafe
// flags, which SwiftPM
//                     refuses in a versioned dependency, so a package that depends on this one gets the baseline
//                     kernels.
import PackageDescription

let embedded = Context.environment["TRIMTAB_EMBEDDED"] == "1"
#if arch(x86_64) && os(Linux)
  let dispatch = embedded || Context.environment["TRIMTAB_DISPATCH"] == "1"
#else
  let dispatch = false
#endif

let language: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
// TRIMTAB_DEBUG=1 makes the library say when two threads are in one monitor.
let debug: [SwiftSetting] = Context.environment["TRIMTAB_DEBUG"] == "1" ? [.define("TRIMTAB_DEBUG")] : []
let engine: [SwiftSetting] =
  language + debug
  + (embedded
    ? [
      .enableExperimentalFeature("Embedded"),
      // One object a module (-num-threads 0), a section a function: the linker then drops what nothing calls and what
      // two modules both emit.
      .unsafeFlags(["-wmo", "-parse-as-library", "-num-threads", "0", "-Xfrontend", "-function-sections"]),
    ] : [])
  + (dispatch ? [.define("TRIMTAB_DISPATCH")] : [])

/// What is not a kernel is built for size: a function that takes a closure is not copied for every closure. What the
/// compiler leaves is LLVM's intermediate form in place of an object: scripts/build-library.sh makes one object of the
/// three modules, in which they share what they have in common. Retaining is a call, as releasing is, and so is asking
/// for the table of kernels; a square root is one instruction, without a call of libm's for the sake of errno.
let small: [SwiftSetting] =
  embedded
  ? [
    .unsafeFlags([
      "-Osize", "-Xfrontend", "-emit-ir", "-Xllvm", "-sil-disable-pass=closure-specialize", "-Xllvm",
      "-force-attribute=swift_retain:noinline", "-Xllvm", "-sil-inline-never-functions=7Trimtab7kernels", "-Xcc",
      "-fno-math-errno",
    ])
  ] : []

/// Where no inner loop runs, functions are inlined only where that shortens the caller, and loops are not turned round.
/// The trainer's loops, written out in vectors, need both.
let loopless: [SwiftSetting] =
  embedded
  ? [
    .unsafeFlags([
      "-Xfrontend", "-sil-inline-caller-benefit-reduction-factor", "-Xfrontend", "200", "-Xllvm",
      "-sil-disable-pass=loop-rotate",
    ])
  ] : []

func kernels(_ name: String, march: String?) -> Target {
  .target(
    name: name, path: "Sources/\(name)",
    swiftSettings: engine
      // The loops are written out in vectors, so -Osize keeps their speed and halves the rest.
      + (embedded ? [.unsafeFlags(["-Osize"])] : [])
      + (march.map { [.define("TRIMTAB_FMA"), .unsafeFlags(["-Xcc", "-march=\($0)"])] } ?? [])
      + (march == "x86-64-v4" ? [.define("TRIMTAB_AVX512")] : []))
}

let kernelTargets =
  [kernels("Kernels", march: nil)]
  + (dispatch ? [kernels("KernelsV3", march: "x86-64-v3"), kernels("KernelsV4", march: "x86-64-v4")] : [])

let engineTargets: [Target] =
  kernelTargets + [
    // TLS descriptors: without them the thread-local error text would need ld-linux beside libc and libm. No unwind
    // tables, as Embedded Swift has none.
    .target(
      name: "CPlatform",
      cSettings: (embedded
        ? [.define("TRIMTAB_EMBEDDED"), .unsafeFlags(["-fno-asynchronous-unwind-tables"])] : [])
        + (embedded && dispatch ? [.unsafeFlags(["-mtls-dialect=gnu2"])] : [])),
    .systemLibrary(name: "CTrimtab", path: "include"),
    .target(
      name: "Trimtab", dependencies: ["CPlatform"] + kernelTargets.map { .target(name: $0.name) },
      swiftSettings: engine + small + loopless,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "TrimtabTrainer", dependencies: ["Trimtab", "CPlatform"], swiftSettings: engine + small),
    .target(
      name: "TrimtabABI", dependencies: ["CTrimtab", "CPlatform", "Trimtab", "TrimtabTrainer"],
      swiftSettings: engine + small + loopless),
  ]

let hostTargets: [Target] = [
  .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(
    name: "CFFI", path: "Sources/CFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"]), .brew(["libffi"])]),
  .target(name: "TrimtabFormats", dependencies: ["Trimtab", "CZlib"], swiftSettings: language),
  .executableTarget(
    name: "TrimtabCommand",
    dependencies: [
      "CFFI", "Trimtab", "TrimtabFormats", "TrimtabTrainer",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ], swiftSettings: language),
  .testTarget(
    name: "TrimtabTests", dependencies: ["Trimtab", "CPlatform"] + kernelTargets.map { .target(name: $0.name) },
    swiftSettings: engine),
  .testTarget(name: "TrimtabTrainerTests", dependencies: ["TrimtabTrainer", "Trimtab"], swiftSettings: engine),
  .testTarget(name: "TrimtabABITests", dependencies: ["CTrimtab", "TrimtabABI", "Trimtab"], swiftSettings: language),
  .testTarget(
    name: "TrimtabFormatsTests", dependencies: ["TrimtabFormats", "Trimtab", "CZlib"], swiftSettings: language),
  .testTarget(
    name: "TrimtabCommandTests", dependencies: ["TrimtabCommand", "TrimtabFormats", "Trimtab"], swiftSettings: language),
]

let package = Package(
  name: "trimtab",
  products: [.library(name: "Trimtab", targets: ["Trimtab"])]
    + (embedded ? [] : [.executable(name: "trimtab", targets: ["TrimtabCommand"])]),
  dependencies: embedded
    ? [] : [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")],
  targets: engineTargets + (embedded ? [] : hostTargets)
)
