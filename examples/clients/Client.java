// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A client of govhub to copy: one file, JDK 11 or newer and nothing else.
 *
 * <pre>
 * export GOVHUB_URL=https://hub.example.gov.cn GOVHUB_KEY=ghk_...
 * java Client.java send application.json          hand a message over; prints the receipt
 * java Client.java check receipt.json             is the receipt sound, and what became of the message?
 * java Client.java upload scan.pdf                store a material; prints its digest for the message
 * java Client.java fetch civil-affairs ./handle   fetch once; ./handle gets each message on standard input
 * java Client.java me [refusals|waiting]          what the hub says about this system
 * </pre>
 *
 * <p>./handle ends with 0: we have it (its first line of output is our own number for it); with 65: we refuse it for good
 * (first line: CODE and reason, nothing personal); with anything else: give it to us again later. It knows the delivery from
 * GOVHUB_DELIVERY, which is the same when a message comes twice.
 *
 * <p>With GOVHUB_SIGN_CERTIFICATE and GOVHUB_SIGN_KEY (PEM files, ECDSA on P-256) what is sent is signed over its exact bytes,
 * by the openssl command: the JDK alone makes no CMS.
 *
 * <p>Exit codes: 0 done; 64 wrong use; 65 refused, standard error says why; 69 the hub was not reached for GOVHUB_PATIENCE
 * seconds (300): do the same again later, under the same id.
 */
public final class Client {
    private static final int DONE = 0, USAGE = 64, REFUSED = 65, UNREACHED = 69;

    /** Statuses that say nothing about the message: the same bytes may and should be sent again. */
    private static final Set<Integer> AGAIN = Set.of(408, 429, 500, 502, 503, 504);

    private static final Duration SILENCE = Duration.ofSeconds(90);
    private static final double LONGEST_PAUSE = 30.0;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(15)).build();
    private final String url;
    private final String key;
    private final double patience;

    /** {@code patience}: seconds for which a request is repeated before it is given up. */
    public Client(String url, String key, double patience) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.key = key;
        this.patience = patience;
    }

    /** The hub's answer is no, and stays no until what was sent is mended. Holds the problem document (RFC 9457). */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        public final int status;

        Refused(int status, String problem) {
            super(problem);
            this.status = status;
        }

        /** The stable code, or nothing where something other than the hub answered. */
        public String code() {
            try {
                return Json.text(Json.members(getMessage()).getOrDefault("code", "\"\""));
            } catch (IllegalArgumentException notJson) {
                return "";
            }
        }
    }

    /** Nobody answered in time. Perhaps the hub has it all the same: repeat the same bytes, the id tells it so. */
    public static final class Unreached extends Exception {
        private static final long serialVersionUID = 1L;

        Unreached(String why) {
            super(why);
        }
    }

    /** Hand over one CloudEvent in JSON, as it is. The receipt, to be kept byte for byte. */
    public String send(byte[] event) throws Refused, Unreached, InterruptedException {
        return call(message(event).build()).body();
    }

    /** The same, with a detached signature over these very bytes, DER in Base64. */
    public String send(byte[] event, String signature) throws Refused, Unreached, InterruptedException {
        return call(message(event).header("Govhub-Signature", signature).build()).body();
    }

    /** A signature of the suite intl-1, by openssl, under a certificate that the hub has registered; both are PEM files. */
    public static String signature(byte[] content, String certificate, String key)
            throws IOException, InterruptedException {
        Path input = Files.createTempFile("govhub", ".json");
        try {
            Files.write(input, content);
            Process process = new ProcessBuilder(
                            "openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER",
                            "-in", input.toString(), "-signer", certificate, "-inkey", key)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            byte[] made = process.getInputStream().readAllBytes();
            if (process.waitFor() != 0) {
                throw new IOException("openssl cms");
            }
            return Base64.getEncoder().encodeToString(made);
        } finally {
            Files.delete(input);
        }
    }

    /** What became of a message, by the hub's own id for it. */
    public String message(String message) throws Refused, Unreached, InterruptedException {
        return call(request("/v1/messages/" + escaped(message))).body();
    }

    /** Store a material, piece by piece however large it is. Its digest, which messages name, and its size. */
    public String upload(Path file) throws IOException, Refused, Unreached, InterruptedException {
        String path = "/v1/materials/sha256:" + sha256(file);
        return call(request(path, "application/octet-stream", BodyPublishers.ofFile(file), "PUT")).body();
    }

    /** A batch of messages, lent until {@code expires}; null where none came for {@code wait} seconds. */
    public String fetch(String mailbox, int most, int wait) throws Refused, Unreached, InterruptedException {
        HttpResponse<String> answer =
                call(request("/v1/mailbox/" + escaped(mailbox) + "?max=" + most + "&wait=" + wait));
        return answer.statusCode() == 200 ? answer.body() : null;
    }

    /** Say what became of one lent message: {@code settled}, or {@code stale} when the lease has run out. */
    public String acknowledge(String mailbox, String lease, String result)
            throws Refused, Unreached, InterruptedException {
        String said = "{\"lease\":" + Json.quoted(lease) + ",\"results\":[" + result + "]}";
        try {
            String answer = call(request(
                            "/v1/mailbox/" + escaped(mailbox) + "/ack",
                            "application/json",
                            BodyPublishers.ofString(said),
                            "POST"))
                    .body();
            String first = Json.elements(Json.members(answer).get("results")).get(0);
            return Json.text(Json.members(first).get("status"));
        } catch (Refused no) {
            if (!no.code().equals("E_LEASE_LOST")) {
                throw no;
            }
            return "stale"; // or an earlier try of this very request settled it: both end well
        }
    }

    /** What the hub says about this system: its limits and key, its {@code refusals}, what is {@code waiting} for it. */
    public String me(String what) throws Refused, Unreached, InterruptedException {
        return call(request(what.isEmpty() ? "/v1/me" : "/v1/me/" + escaped(what))).body();
    }

    /** Whether the leaf of a receipt is that of its statement: SHA-256 over 0x00, the kind with its length, the statement. */
    public static boolean sound(String receipt) {
        int at = receipt.lastIndexOf(",\"leaf\":\"sha256:");
        if (at < 0) {
            return false;
        }
        MessageDigest digest = sha256();
        digest.update("\u0000\u0008accepted".getBytes(StandardCharsets.UTF_8));
        digest.update((receipt.substring(0, at) + "}").getBytes(StandardCharsets.UTF_8));
        return receipt.startsWith(",\"leaf\":\"sha256:" + hex(digest.digest()) + "\"", at);
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(SILENCE)
                .header("Authorization", "Bearer " + key)
                .build();
    }

    private HttpRequest.Builder message(byte[] event) {
        return prepared("/v1/messages", "application/cloudevents+json", BodyPublishers.ofByteArray(event), "POST");
    }

    private HttpRequest request(String path, String kind, BodyPublisher body, String method) {
        return prepared(path, kind, body, method).build();
    }

    private HttpRequest.Builder prepared(String path, String kind, BodyPublisher body, String method) {
        // A large body takes its time: how long it may take is the patience, not the silence.
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofMillis((long) (1000 * Math.max(patience, SILENCE.toSeconds()))))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", kind)
                .method(method, body);
    }

    /** Ask until there is an answer that says something. A lost answer is no answer: the same is asked again. */
    private HttpResponse<String> call(HttpRequest request) throws Refused, Unreached, InterruptedException {
        long until = System.nanoTime() + (long) (patience * 1e9);
        double pause = 0.5;
        while (true) {
            double wait = pause;
            String why;
            try {
                HttpResponse<String> answer = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
                int status = answer.statusCode();
                if (!AGAIN.contains(status)) {
                    if (status >= 300) {
                        throw new Refused(status, answer.body());
                    }
                    return answer;
                }
                String after = answer.headers().firstValue("Retry-After").orElse("");
                wait = after.matches("[0-9]{1,6}") ? Double.parseDouble(after) : pause;
                why = Integer.toString(status);
            } catch (IOException cut) {
                why = cut.getClass().getSimpleName();
            }
            wait *= 1 + ThreadLocalRandom.current().nextDouble() / 4; // not everybody at the same moment
            if (System.nanoTime() + (long) (wait * 1e9) > until) {
                throw new Unreached(request.method() + " " + request.uri().getPath() + ": " + why);
            }
            System.err.printf("%s，%.1f 秒后重发 / again in %.1f s%n", why, wait, wait);
            Thread.sleep((long) (1000 * wait));
            pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
    }

    /** Give one message to the handler; what it makes of it, as an acknowledgement says it. Replace this by your own. */
    private static Map<String, String> handled(String delivery, String event, List<String> handler)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(handler).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("GOVHUB_DELIVERY", delivery);
        Path input = Files.createTempFile("govhub", ".json"); // a handler need not read what it is given
        try {
            Files.writeString(input, event);
            Process process = builder.redirectInput(input.toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String first = cut(output.lines().findFirst().orElse(""), 500);
            Map<String, String> said = new LinkedHashMap<>();
            said.put("delivery", delivery);
            switch (process.waitFor()) {
                case 0:
                    said.put("outcome", "delivered");
                    said.put("receipt", first);
                    return said;
                case REFUSED:
                    String[] words = first.split(" ", 2);
                    said.put("outcome", "rejected");
                    boolean coded = words[0].matches("[A-Za-z0-9_.:-]{1,64}");
                    said.put("code", coded ? words[0] : "REJECTED");
                    said.put("detail", !coded ? first : words.length > 1 ? words[1] : "");
                    return said;
                default:
                    said.put("outcome", "retry");
                    return said;
            }
        } finally {
            Files.delete(input);
        }
    }

    private void fetchAll(String mailbox, List<String> handler)
            throws IOException, Refused, Unreached, InterruptedException {
        String lent = fetch(mailbox, 50, 25);
        if (lent == null) {
            return;
        }
        Map<String, String> document = Json.members(lent);
        String lease = Json.text(document.get("lease"));
        for (String message : Json.elements(document.get("messages"))) {
            Map<String, String> members = Json.members(message);
            String delivery = Json.text(members.get("delivery"));
            Map<String, String> result = handled(delivery, members.get("event"), handler);
            // At once, so that what is done is known to be done; what is not acknowledged comes again after the lease.
            String status = acknowledge(mailbox, lease, Json.object(result));
            System.out.println(delivery + " " + result.get("outcome") + " " + status);
            if (status.equals("stale")) {
                return;
            }
        }
    }

    private int check(String receipt) throws Refused, Unreached, InterruptedException {
        if (!sound(receipt)) {
            System.err.println("回执与其摘要不符 / the leaf is not that of the receipt");
            return REFUSED;
        }
        String said = message(Json.text(Json.members(receipt).get("message")));
        Map<String, String> members = Json.members(said);
        if (!members.get("receipt").equals(receipt)) {
            System.err.println("中枢登记的回执不同 / the hub's own receipt is another");
            return REFUSED;
        }
        for (String one : Json.elements(members.get("deliveries"))) {
            Map<String, String> delivery = Json.members(one);
            System.out.println((Json.text(delivery.get("destination")) + " " + Json.text(delivery.get("state")) + " "
                            + Json.text(delivery.get("reference")))
                    .strip());
        }
        return DONE;
    }

    private int run(List<String> words) throws IOException, Refused, Unreached, InterruptedException {
        String command = words.isEmpty() ? "" : words.get(0);
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        if (command.equals("send") && rest.size() == 1) {
            byte[] event = Files.readAllBytes(Path.of(rest.get(0)));
            String certificate = System.getenv("GOVHUB_SIGN_CERTIFICATE");
            System.out.print(
                    certificate == null
                            ? send(event)
                            : send(event, signature(event, certificate, System.getenv("GOVHUB_SIGN_KEY"))));
        } else if (command.equals("check") && rest.size() == 1) {
            return check(Files.readString(Path.of(rest.get(0))));
        } else if (command.equals("upload") && rest.size() == 1) {
            System.out.println(upload(Path.of(rest.get(0))));
        } else if (command.equals("fetch") && rest.size() >= 2) {
            fetchAll(rest.get(0), rest.subList(1, rest.size()));
        } else if (command.equals("me") && rest.size() <= 1) {
            System.out.print(me(rest.isEmpty() ? "" : rest.get(0)));
        } else {
            System.err.println("java Client.java send FILE | check RECEIPT | upload FILE | fetch MAILBOX HANDLER | me [WHAT]");
            return USAGE;
        }
        return DONE;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> set = new HashMap<>(System.getenv());
        Client client = new Client(
                set.getOrDefault("GOVHUB_URL", "http://127.0.0.1:8480"),
                set.getOrDefault("GOVHUB_KEY", ""),
                Double.parseDouble(set.getOrDefault("GOVHUB_PATIENCE", "300")));
        int code;
        try {
            code = client.run(Arrays.asList(arguments));
        } catch (Refused no) {
            System.err.println(no.getMessage());
            code = REFUSED;
        } catch (Unreached away) {
            System.err.println("中枢未答复，请稍后原样重发 / no answer; do the same again later: " + away.getMessage());
            code = UNREACHED;
        }
        System.out.flush();
        System.exit(code);
    }

    private static String escaped(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** At most so many characters, none of them torn. */
    private static String cut(String text, int most) {
        return text.codePointCount(0, text.length()) <= most ? text : text.substring(0, text.offsetByCodePoints(0, most));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException(never);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] piece = new byte[1 << 16];
        try (InputStream opened = Files.newInputStream(file)) {
            for (int n = opened.read(piece); n >= 0; n = opened.read(piece)) {
                digest.update(piece, 0, n);
            }
        }
        return hex(digest.digest());
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            text.append(String.format("%02x", one));
        }
        return text.toString();
    }

    /** As much of JSON as is wanted here: the members of an object as they are written, so that nothing is changed. */
    static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        /** The members of an object, each as it is written. */
        static Map<String, String> members(String object) {
            Json json = new Json(object);
            Map<String, String> found = new LinkedHashMap<>();
            json.take('{');
            while (json.peek() != '}') {
                if (!found.isEmpty()) {
                    json.take(',');
                }
                String name = text(json.slice());
                json.take(':');
                found.put(name, json.slice());
            }
            return found;
        }

        /** The elements of an array, each as it is written. */
        static List<String> elements(String array) {
            Json json = new Json(array);
            List<String> found = new ArrayList<>();
            json.take('[');
            while (json.peek() != ']') {
                if (!found.isEmpty()) {
                    json.take(',');
                }
                found.add(json.slice());
            }
            return found;
        }

        /** What a JSON string says. */
        static String text(String written) {
            StringBuilder said = new StringBuilder();
            for (int n = 1; n < written.length() - 1; n++) {
                char one = written.charAt(n);
                if (one != '\\') {
                    said.append(one);
                    continue;
                }
                char escaped = written.charAt(++n);
                if (escaped == 'u') {
                    said.append((char) Integer.parseInt(written.substring(n + 1, n + 5), 16));
                    n += 4;
                } else {
                    int place = "bfnrt".indexOf(escaped);
                    said.append(place < 0 ? escaped : "\b\f\n\r\t".charAt(place));
                }
            }
            return said.toString();
        }

        /** A JSON string that says this. */
        static String quoted(String said) {
            StringBuilder written = new StringBuilder("\"");
            for (char one : said.toCharArray()) {
                if (one < 0x20) {
                    written.append(String.format("\\u%04x", (int) one));
                } else {
                    written.append(one == '"' || one == '\\' ? "\\" : "").append(one);
                }
            }
            return written.append('"').toString();
        }

        /** An object of strings. */
        static String object(Map<String, String> members) {
            List<String> written = new ArrayList<>();
            members.forEach((name, value) -> written.add(quoted(name) + ":" + quoted(value)));
            return "{" + String.join(",", written) + "}";
        }

        private char peek() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (at >= text.length()) {
                throw new IllegalArgumentException("not JSON");
            }
            return text.charAt(at);
        }

        private void take(char wanted) {
            if (peek() != wanted) {
                throw new IllegalArgumentException("not JSON");
            }
            at++;
        }

        /** The value that begins here, as it is written. */
        private String slice() {
            peek();
            int begin = at;
            int depth = 0;
            boolean quoted = false;
            for (; at < text.length(); at++) {
                char one = text.charAt(at);
                if (quoted) {
                    if (one == '\\') {
                        at++;
                    } else if (one == '"') {
                        quoted = false;
                    }
                } else if (one == '"') {
                    quoted = true;
                } else if (one == '{' || one == '[') {
                    depth++;
                } else if (depth > 0 && (one == '}' || one == ']')) {
                    depth--;
                } else if (depth == 0 && ",:}]".indexOf(one) >= 0) {
                    break;
                }
            }
            return text.substring(begin, at).strip();
        }
    }
}
