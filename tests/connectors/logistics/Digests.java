// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Scanner;

/** The digests as the carriers' own Java examples make them: one text in hexadecimal a line, three digests back. */
class Digests {
    public static void main(String[] arguments) throws Exception {
        Scanner lines = new Scanner(System.in, StandardCharsets.US_ASCII);
        while (lines.hasNextLine()) {
            String text = new String(HexFormat.of().parseHex(lines.nextLine()), StandardCharsets.UTF_8);
            byte[] plain = md5(text);
            String hex = Base64.getEncoder().encodeToString(HexFormat.of().formatHex(plain).getBytes(StandardCharsets.US_ASCII));
            System.out.println(base64(md5(URLEncoder.encode(text, "UTF-8"))) + " " + base64(plain) + " " + hex);
        }
    }

    private static byte[] md5(String text) throws Exception {
        return MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
