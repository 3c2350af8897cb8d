package io.portcullis;

import io.portcullis.edge.BodyWindow;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The gateway process, or a command: one makes keys, one checks the configuration. */
@SpringBootApplication
public class PortcullisApplication {
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(KeysCommand.NAME)) {
            int status = KeysCommand.run(args, System.out, System.err);
            if (status != 0) {
                System.exit(status);
            }
            return;
        }
        if (CheckConfigCommand.isNamedIn(args)) {
            // threads that nothing was given to do would keep the process
            System.exit(CheckConfigCommand.run(args, System.out));
        }
        BodyWindow.limitPiecesWrittenAhead();
        SpringApplication.run(PortcullisApplication.class, args);
    }
}
