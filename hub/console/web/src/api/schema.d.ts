// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
export interface paths {
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 能否接收和投递；否则说明受阻原因与起始时间。
         * @description 能否接收和投递；否则说明受阻原因与起始时间。 / Whether it can work; if not, what is in the way.
         */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 全部目的地：状态、待送、存疑、死信、最早、速率、熔断、将超期办件。
         * @description 全部目的地：状态、待送、存疑、死信、最早、速率、熔断、将超期办件。 / Every destination: state, what waits, in doubt, dead, oldest, rates, breaker, cases that will breach.
         */
        get: operations["opsListDestinations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/systems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 各系统：权限、方言、凭据期限、目的地与来源的状态。
         * @description 各系统：权限、方言、凭据期限、目的地与来源的状态。 / Every system: what it may, its dialects, when its credentials end, how its destinations and sources stand.
         */
        get: operations["opsListSystems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 有期限的证书与密钥，最先到期的在前。
         * @description 有期限的证书与密钥，最先到期的在前。 / Certificates and keys that end, those that end first ahead.
         */
        get: operations["opsListCertificates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 现有告警，每种情况一条，自何时起。
         * @description 现有告警，每种情况一条，自何时起。 / Alarms that are open: one for each condition, and since when.
         */
        get: operations["opsListAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 一个搜索框：办件编号、消息或投递编号、发送方编号、自有编号、结果代码；说明匹配的是哪一种。
         * @description 一个搜索框：办件编号、消息或投递编号、发送方编号、自有编号、结果代码；说明匹配的是哪一种。 / One box: a case number, an id of a message or delivery, a sender's id, a system's own number, an outcome code; it says which it matched.
         */
        post: operations["opsSearch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/messages/{message}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一条消息的全程，不含内容。
         * @description 一条消息的全程，不含内容。 / One message with every stage; nothing of its content.
         */
        get: operations["opsGetMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/cases/{case}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 办件时间线：经过、现在何处、因何受阻、法定时限。对参与系统只显示本系统的收发；操作员可见全部。
         * @description 办件时间线：经过、现在何处、因何受阻、法定时限。对参与系统只显示本系统的收发；操作员可见全部。 / The timeline of a case: what happened, where things are and what is in the way, its legal clock. A party sees what it sent or is to receive; operators see all.
         */
        get: operations["opsGetCase"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/parked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 寄存的消息：按哪条规则等待，至多等到何时。
         * @description 寄存的消息：按哪条规则等待，至多等到何时。 / Messages that wait: by which rule, and until when at most.
         */
        get: operations["opsListParked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/cases/{case}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 按中途接入处理：不再等待先前的记录，寄存的消息随即放行。
         * @description 按中途接入处理：不再等待先前的记录，寄存的消息随即放行。 / Take a case as under way before: nothing is waited for, and what is parked goes out.
         */
        post: operations["opsAdoptCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/deadlines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 若目的地持续不通，哪些办件届时超过承诺或法定时限。
         * @description 若目的地持续不通，哪些办件届时超过承诺或法定时限。 / Which cases breach their promised or legal period by then if a destination stays down.
         */
        get: operations["opsListDeadlines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 死信与存疑投递，按目的地、结果代码与契约归组。
         * @description 死信与存疑投递，按目的地、结果代码与契约归组。 / Dead letters and deliveries in doubt, by destination, outcome code and contract.
         */
        get: operations["opsListDeadGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/failures/{group}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一个死信组的投递，先失败的在前。
         * @description 一个死信组的投递，先失败的在前。 / The deliveries of a group, those that failed first ahead.
         */
        get: operations["opsListDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/failures/{group}/note": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 给死信组写备注。
         * @description 给死信组写备注。 / Leave a note on a group.
         */
        post: operations["opsNoteDeadGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/failures/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 跳过：不再投递，通道放行。一次至多 1000 件。
         * @description 跳过：不再投递，通道放行。一次至多 1000 件。 / Discard: never delivered, and the lane goes on. At most 1000 at a time.
         */
        post: operations["opsDiscardDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/failures/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 认定存疑投递：已送达，或未送达（随即重放）。
         * @description 认定存疑投递：已送达，或未送达（随即重放）。 / Say of deliveries in doubt that they arrived, or that they did not: then they are sent again.
         */
        post: operations["opsResolveDoubt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 最近的重放。
         * @description 最近的重放。 / The newest replays.
         */
        get: operations["opsListReplays"];
        put?: never;
        /**
         * 重放死信：按 1、2、5、20… 逐级发送，失败重现即自行停止。先试算（dry_run），再执行。
         * @description 重放死信：按 1、2、5、20… 逐级发送，失败重现即自行停止。先试算（dry_run），再执行。 / Send dead letters again in steps of 1, 2, 5, 20…; it stops itself when failures return. Try dry_run first.
         */
        post: operations["opsStartReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/replays/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一次重放的进展。
         * @description 一次重放的进展。 / How a replay stands.
         */
        get: operations["opsGetReplay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/replays/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 停止重放。
         * @description 停止重放。 / Stop a replay.
         */
        post: operations["opsStopReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/replays/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 继续已停止的重放，自最小一级起。
         * @description 继续已停止的重放，自最小一级起。 / Let a stopped replay go on, from the smallest step.
         */
        post: operations["opsResumeReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/destinations/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 暂停投递；受理照常，消息等待。
         * @description 暂停投递；受理照常，消息等待。 / Send it nothing until it is resumed; messages are accepted and wait.
         */
        post: operations["opsPauseDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/destinations/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 恢复投递。
         * @description 恢复投递。 / Send to it again.
         */
        post: operations["opsResumeDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 现用的路由表、历次启用，以及影子表的不同之处。
         * @description 现用的路由表、历次启用，以及影子表的不同之处。 / The route table in force, every activation, and what the one in the shadow does otherwise.
         */
        get: operations["opsListRouteTables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 操作员做过什么、何时、为何；新的在前。
         * @description 操作员做过什么、何时、为何；新的在前。 / What operators did, when and why; the newest first.
         */
        get: operations["opsListActs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/session/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 操作员登录：以账号与密码换取会话令牌，用作 Bearer。
         * @description 操作员登录：以账号与密码换取会话令牌，用作 Bearer。 / An operator signs in: a session token for account and password, to be used as bearer.
         */
        post: operations["opsSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/session/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 退出：结束当前会话或令牌。
         * @description 退出：结束当前会话或令牌。 / Sign out: the session or token that asks is over.
         */
        post: operations["opsSignOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 当前操作员：账号、权限、范围。
         * @description 当前操作员：账号、权限、范围。 / The operator who asks: account, rights, scope.
         */
        get: operations["opsGetOperator"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 须第二人批准的操作，新的在前。
         * @description 须第二人批准的操作，新的在前。 / Acts that want a second person, the newest first.
         */
        get: operations["opsListApprovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/approvals/{proposal}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一项提议，附将做之事的全部内容。
         * @description 一项提议，附将做之事的全部内容。 / One proposal with all that would be done.
         */
        get: operations["opsGetApproval"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/approvals/{proposal}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 第二人批准；提议人随后以同一 request 执行。
         * @description 第二人批准；提议人随后以同一 request 执行。 / The second person approves; whoever proposed it carries it out under the same request.
         */
        post: operations["opsApproveProposal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/approvals/{proposal}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 第二人不批准。
         * @description 第二人不批准。 / The second person refuses.
         */
        post: operations["opsRefuseProposal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 审计记录：操作、登录、账号变更、提议与批准；新的在前。
         * @description 审计记录：操作、登录、账号变更、提议与批准；新的在前。 / The audit trail: acts, sign-ins, accounts changed, proposals and approvals; the newest first.
         */
        get: operations["opsListAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/v1/contracts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 契约目录。
         * @description 契约目录。 / The catalogue of contracts.
         */
        get: operations["opsListContracts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Act
         * @description An act and why.
         */
        Act: {
            /**
             * Request
             * @description 客户端给这项操作的名称；重复提交只执行一次 / The client's name for this act: sent twice, it is done once
             */
            request: string;
            /**
             * Reason
             * @description 理由，不含个人信息 / Why; nothing personal. It is recorded, and told to the sender of the message
             */
            reason: string;
        };
        /**
         * ActDone
         * @description The act is recorded. ``again``: it was before, and this is what it did then.
         */
        ActDone: {
            /**
             * Act
             * Format: uuid
             */
            act: string;
            /**
             * Applied
             * @description 改变的件数；目的地为 1 / Deliveries it changed; 1 for a destination
             */
            applied: number;
            /** Again */
            again: boolean;
        };
        /**
         * ActRecord
         * @description One act. ``via`` is ``api`` where a key proved the actor, ``cli`` where nothing did.
         */
        ActRecord: {
            /**
             * Act
             * Format: uuid
             */
            act: string;
            /**
             * Request
             * @description 客户端给这项操作的名称 / The client's name for it
             */
            request: string;
            /** Kind */
            kind: string;
            /** Actor */
            actor: string;
            /** Via */
            via: string;
            /**
             * Subject
             * @description 死信组、重放、目的地，或几件投递 / The group, replay, destination or deliveries
             */
            subject: string;
            /** Reason */
            reason: string;
            /**
             * Applied
             * @description 改变的件数；目的地为 1 / Deliveries it changed; 1 for a destination
             */
            applied: number;
            /**
             * Actedat
             * Format: date-time
             */
            actedAt: string;
        };
        /**
         * Acts
         * @description A page of acts, newest first. ``next`` is the ``after`` of the next page.
         */
        Acts: {
            /** Acts */
            acts: components["schemas"]["ActRecord"][];
            /** Next */
            next: string | null;
        };
        /**
         * Approvals
         * @description The answer to a decision.
         */
        Approvals: {
            /**
             * Proposal
             * Format: uuid
             */
            proposal: string;
            /** State */
            state: string;
        };
        /**
         * Attempt
         * @description One finished attempt to deliver.
         */
        Attempt: {
            /** Attempt */
            attempt: number;
            state: components["schemas"]["State"];
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /**
             * Startedat
             * Format: date-time
             */
            startedAt: string;
            /**
             * Endedat
             * Format: date-time
             */
            endedAt: string;
            /** @description 迟到的答复：只作记录，不再决定结果，除非此后无人处理过 / Told late: kept, and decides only what nobody took up since */
            toldLate: components["schemas"]["LateAnswer"] | null;
        };
        /**
         * AuditPage
         * @description A page, newest first. ``next`` is the ``after`` of the next page.
         */
        AuditPage: {
            /** Audit */
            audit: components["schemas"]["AuditRecord"][];
            /** Next */
            next: string | null;
        };
        /**
         * AuditRecord
         * @description One event of the trail.
         */
        AuditRecord: {
            /**
             * Entry
             * Format: uuid
             */
            entry: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Account
             * @description 账号 / Who
             */
            account: string;
            /**
             * Act
             * @description 做了什么 / What was done
             */
            act: string;
            /**
             * Subject
             * @description 对什么 / To what
             */
            subject: string;
            /** Reason */
            reason: string;
            /**
             * Via
             * @description api 为已证明身份，cli 为本机命令 / `api`: proved; `cli`: a command on the machine
             */
            via: string;
            /**
             * Outcome
             * @description done、refused 或 waiting / `done`, `refused` or `waiting`
             */
            outcome: string;
            /** Request */
            request: string;
            /**
             * Applied
             * @description 改变的件数 / How many it changed
             */
            applied: number;
            /**
             * Times
             * @description 一刻钟内相同的登录失败次数 / Failed sign-ins of a quarter of an hour that are alike are one entry
             */
            times: number;
        };
        /**
         * Bilingual
         * @description A text in both languages.
         */
        Bilingual: {
            /** Zh */
            zh: string;
            /** En */
            en: string;
        };
        /**
         * Blocked
         * @description Something that keeps the hub from working, or wants seeing to, since it began.
         */
        Blocked: {
            /** What */
            what: string;
            /** Reason */
            reason: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Destination
             * @default null
             */
            destination: string | null;
            /**
             * Source
             * @default null
             */
            source: string | null;
        };
        /**
         * BreachDocument
         * @description One period of one case that ends by then.
         */
        BreachDocument: {
            /** Case */
            case: string;
            limit: components["schemas"]["Limit"];
            /**
             * Due
             * Format: date
             */
            due: string;
            /**
             * Runsoutat
             * Format: date-time
             */
            runsOutAt: string;
            /** Workingdaysleft */
            workingDaysLeft: number;
            /**
             * Over
             * @description 是否已超期 / Whether it has ended already
             */
            over: boolean;
        };
        /**
         * Breaker
         * @description Whether a destination is sent anything.
         * @enum {string}
         */
        Breaker: "closed" | "open" | "half_open";
        /**
         * Case
         * @description The timeline of a case: its messages, everything that happened to them, where they are now, and its legal clock.
         */
        Case: {
            /** Case */
            case: string;
            /** Parties */
            parties: string[];
            phase: components["schemas"]["Phase"];
            clock: components["schemas"]["ClockDocument"];
            /** Misfits */
            misfits: components["schemas"]["MisfitDocument"][];
            /** @description 容缺材料；没有则为空 / Materials to follow; null: there are none */
            supplement: components["schemas"]["SupplementDocument"] | null;
            /**
             * Now
             * @description 现在何处，因何受阻 / Where its messages are, and what is in their way
             */
            now: components["schemas"]["Where"][];
            /**
             * Transactions
             * @description 业务事务及其步骤与补偿 / Its business transactions, with their steps and compensations
             */
            transactions: components["schemas"]["CaseTransaction"][];
            /**
             * Entries
             * @description 经过，按时间先后 / What happened, in order
             */
            entries: components["schemas"]["TimelineEntry"][];
            /**
             * Truncated
             * @description 是否只列出最早的部分消息 / Whether only the oldest messages are listed
             */
            truncated: boolean;
            /** Messages */
            messages: components["schemas"]["Message"][];
        };
        /**
         * CaseTransaction
         * @description A business transaction of the case, with its messages in their order.
         */
        CaseTransaction: {
            /**
             * Transaction
             * Format: uuid
             */
            transaction: string;
            /** Destination */
            destination: string;
            /** Standing */
            standing: string;
            /** Why */
            why: string;
            /** Awaits */
            awaits: string | null;
            /** Parts */
            parts: components["schemas"]["TransactionPartDocument"][];
        };
        /**
         * Choosing
         * @description Either a group or single deliveries.
         */
        Choosing: {
            /**
             * Request
             * @description 客户端给这项操作的名称；重复提交只执行一次 / The client's name for this act: sent twice, it is done once
             */
            request: string;
            /**
             * Reason
             * @description 理由，不含个人信息 / Why; nothing personal. It is recorded, and told to the sender of the message
             */
            reason: string;
            /**
             * Group
             * @default null
             */
            group: number | null;
            /**
             * Seen
             * @description 只含此刻之前的；试算给出 / Of the group only what had failed by then, as a dry run tells
             * @default null
             */
            seen: string | null;
            /**
             * Deliveries
             * @default []
             */
            deliveries: string[];
        };
        /**
         * ClockDocument
         * @description The legal clock of a case as it stands now.
         */
        ClockDocument: {
            ticking: components["schemas"]["Ticking"];
            /** Acceptedon */
            acceptedOn: string | null;
            /** Stoppedon */
            stoppedOn: string | null;
            /** Pausedsince */
            pausedSince: string | null;
            /**
             * Unapproved
             * @description 未写明批准人的特别程序编号 / Special procedures that name nobody who approved them
             */
            unapproved: string[];
            /** Deadlines */
            deadlines: components["schemas"]["DeadlineDocument"][];
            /**
             * Yearunknown
             * @description 日历没有此年，时限无法计算 / The calendar has no such year: deadlines cannot be told
             */
            yearUnknown: number | null;
        };
        /**
         * ContractEntry
         * @description One contract version.
         */
        ContractEntry: {
            /** Type */
            type: string;
            /** Version */
            version: number;
            title: components["schemas"]["Bilingual"];
            meaning: components["schemas"]["Bilingual"];
            /** Dataschema */
            dataschema: string;
            /**
             * Href
             * @description JSON Schema 的地址 / Where its JSON Schema is
             */
            href: string;
            /**
             * Xsd
             * @description XML Schema 的地址 / Where its XML Schema is
             */
            xsd: string;
        };
        /**
         * ContractList
         * @description Every contract this hub speaks.
         */
        ContractList: {
            /** Contracts */
            contracts: components["schemas"]["ContractEntry"][];
        };
        /**
         * DeadGroup
         * @description Deliveries set aside at one destination with one outcome code and contract.
         */
        DeadGroup: {
            /** Group */
            group: number;
            /** Destination */
            destination: string;
            /** Code */
            code: string;
            /** Contract */
            contract: string;
            /**
             * State
             * @enum {string}
             */
            state: "dead" | "in_doubt";
            /**
             * Count
             * @description 件数；more 为真时还有更多 / How many; more than that if `more` is set
             */
            count: number;
            /** More */
            more: boolean;
            /** Oldest */
            oldest: string | null;
            /** Newest */
            newest: string | null;
            /** Note */
            note: string;
            /** Notedby */
            notedBy: string;
            /** Notedat */
            notedAt: string | null;
        };
        /**
         * DeadGroups
         * @description A page of groups. ``next`` is the ``after`` of the next page.
         */
        DeadGroups: {
            /** Groups */
            groups: components["schemas"]["DeadGroup"][];
            /** Next */
            next: number | null;
        };
        /**
         * DeadLetter
         * @description One delivery that is set aside. Nothing of what the message says stands here.
         */
        DeadLetter: {
            /**
             * Delivery
             * Format: uuid
             */
            delivery: string;
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /** System */
            system: string;
            /**
             * Id
             * @description 发送方给的消息 id / The sender's own id
             */
            id: string;
            /** Destination */
            destination: string;
            /** Case */
            case: string;
            /** Contract */
            contract: string;
            /** Contractversion */
            contractVersion: number;
            /** Position */
            position: number;
            /**
             * State
             * @enum {string}
             */
            state: "dead" | "in_doubt";
            /** Code */
            code: string;
            /**
             * Detail
             * @description 对方所说，长数字已遮盖 / What the far side said; long numbers are masked
             */
            detail: string;
            /** Attempt */
            attempt: number;
            /**
             * Failedat
             * Format: date-time
             */
            failedAt: string;
            /**
             * Acceptedat
             * Format: date-time
             */
            acceptedAt: string;
            /** Expiresat */
            expiresAt: string | null;
            /**
             * Late
             * @description 曾在后续之后补投 / Sent again once, after its lane had gone on
             */
            late: boolean;
            /**
             * Askat
             * @description 存疑：中枢届时会询问对方 / In doubt, and the hub asks the far side then
             */
            askAt: string | null;
            /**
             * Behind
             * @description 同一通道中被它挡住的件数，至多 100 / Deliveries that wait for it, up to 100
             */
            behind: number;
            /**
             * Replay
             * @description 正在处理它的重放 / The replay that has it in hand
             */
            replay: string | null;
        };
        /**
         * DeadLetters
         * @description A group with a page of its deliveries. ``next`` is the ``after`` of the next page.
         */
        DeadLetters: {
            group: components["schemas"]["DeadGroup"];
            /** Deliveries */
            deliveries: components["schemas"]["DeadLetter"][];
            /** Next */
            next: string | null;
        };
        /**
         * DeadlineDocument
         * @description One last day.
         */
        DeadlineDocument: {
            limit: components["schemas"]["Limit"];
            /**
             * Told
             * Format: date
             * @description 未计暂停与延长的末日 / The last day before pauses and extensions
             */
            told: string;
            /**
             * Due
             * Format: date
             */
            due: string;
            /**
             * Runsoutat
             * Format: date-time
             */
            runsOutAt: string;
            /** Workingdaysleft */
            workingDaysLeft: number;
            /** Late */
            late: boolean;
        };
        /**
         * Deadlines
         * @description Which cases breach by then if a destination stays down.
         */
        Deadlines: {
            /** Destinations */
            destinations: components["schemas"]["OutlookDocument"][];
        };
        /**
         * Delivery
         * @description One message on its way to one destination.
         */
        Delivery: {
            /** Destination */
            destination: string;
            /**
             * Delivery
             * Format: uuid
             * @description 投递编号，也是幂等键 / The delivery's id, also its idempotency key
             */
            delivery: string;
            state: components["schemas"]["State"];
            /**
             * Position
             * @description 在本办件投递队列中的位置 / Its place in the lane of its case
             */
            position: number;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Reference */
            reference: string;
            /** Dueat */
            dueAt: string | null;
            /**
             * Answerdueat
             * @description 已收妥：最终答复应在此前到达 / Accepted: its final answer should be in by then
             */
            answerDueAt: string | null;
            /** Settledat */
            settledAt: string | null;
            /** Blockedby */
            blockedBy: string | null;
            /**
             * Late
             * @description 在后续之后补投 / Sent again after its lane had gone on
             */
            late: boolean;
            /** Attempts */
            attempts: components["schemas"]["Attempt"][];
        };
        /**
         * DryRun
         * @description What a replay would do now. Nothing was written.
         */
        DryRun: {
            /**
             * Dryrun
             * @constant
             */
            dryRun: true;
            /**
             * Would
             * @description 会处理的件数 / How many it would take in hand
             */
            would: number;
            /**
             * Cannot
             * @description 不能处理的件数 / How many it could not
             */
            cannot: number;
            /**
             * Seen
             * @description 执行时带上它 / Send it along to apply just this
             */
            seen: string | null;
            /** Lots */
            lots: components["schemas"]["Lot"][];
        };
        /**
         * EndingCredential
         * @description Something with an end: a key, a certificate, a list of revocations.
         */
        EndingCredential: {
            /**
             * Holder
             * @description 系统、操作员或本中枢 / A system, an operator, or the hub itself
             */
            holder: string;
            /** Kind */
            kind: string;
            /**
             * Mark
             * @description 同类之间的区别：序列号，或摘要的开头 / What tells two of a kind apart
             */
            mark: string;
            /**
             * Until
             * Format: date-time
             */
            until: string;
            /**
             * Daysleft
             * @description 负数为已过期 / Negative: it is over
             */
            daysLeft: number;
        };
        /**
         * EndingCredentials
         * @description All that are known to have an end, the nearest first.
         */
        EndingCredentials: {
            /** Credentials */
            credentials: components["schemas"]["EndingCredential"][];
        };
        /**
         * Halting
         * @description Why a replay is stopped or goes on.
         */
        Halting: {
            /**
             * Reason
             * @description 理由，不含个人信息 / Why; nothing personal. It is recorded, and told to the sender of the message
             */
            reason: string;
        };
        /**
         * Hindrance
         * @description What a delivery waits for.
         * @enum {string}
         */
        Hindrance: "rule" | "another" | "paused" | "breaker" | "retry" | "answer" | "doubt" | "dead" | "nothing";
        /**
         * ItemKind
         * @description Sent again as it was planned, or as the present routes say; sent to a destination that the present routes add; taken off by
         *     the present routes; sent once more although it was delivered, because the far side does not have it.
         * @enum {string}
         */
        ItemKind: "resend" | "add" | "withdraw" | "repeat";
        /**
         * Kind
         * @description What was written into the box.
         * @enum {string}
         */
        Kind: "case" | "message" | "delivery" | "sender_id" | "own_number" | "code";
        /**
         * LateAnswer
         * @description What was told of an attempt when another hub or an operator had taken the delivery up already.
         */
        LateAnswer: {
            state: components["schemas"]["State"];
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Reference */
            reference: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
        };
        /**
         * Limit
         * @description Which of the two periods.
         * @enum {string}
         */
        Limit: "promised" | "statutory";
        /**
         * Lot
         * @description Deliveries of a replay that share destination, kind and fate.
         */
        Lot: {
            /** Destination */
            destination: string;
            kind: components["schemas"]["ItemKind"];
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "held" | "released" | "done" | "failed" | "gone" | "refused";
            /**
             * Code
             * @description 不能发送的原因，或结果 / Why it is not sent, or how it ended
             */
            code: string;
            /** Late */
            late: boolean;
            /** Count */
            count: number;
        };
        /**
         * Matched
         * @description One thing of that name. Fields that say nothing of it are null.
         */
        Matched: {
            /** @description case 办件，message 消息编号，delivery 投递编号，sender_id 发送方编号，own_number 自有编号，code 结果代码 / What the text is: a case number, the hub's id of a message or an open delivery, a sender's id, a system's own number for a case, an outcome code */
            kind: components["schemas"]["Kind"];
            /** Case */
            case: string | null;
            /** Message */
            message: string | null;
            /**
             * System
             * @description 谁的编号 / Whose name it is
             */
            system: string | null;
            group: components["schemas"]["DeadGroup"] | null;
        };
        /**
         * Matches
         * @description Everything of that name within the operator's scope; empty: nothing.
         */
        Matches: {
            /** Matches */
            matches: components["schemas"]["Matched"][];
        };
        /**
         * Message
         * @description One accepted message with the deliveries the asking system may see.
         */
        Message: {
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /** System */
            system: string;
            /** Id */
            id: string;
            /** Contract */
            contract: string;
            /** Contractversion */
            contractVersion: number;
            /** Case */
            case: string;
            /** Time */
            time: string | null;
            /**
             * Acceptedat
             * Format: date-time
             */
            acceptedAt: string;
            /** Digest */
            digest: string;
            receipt: components["schemas"]["Receipt"];
            /** Deliveries */
            deliveries: components["schemas"]["Delivery"][];
        };
        /**
         * MisfitDocument
         * @description A message that does not fit the life of its case.
         */
        MisfitDocument: {
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /**
             * Rule
             * @description 规则编号，见办件生命周期 / The number of the rule, as in the page on the life of a case
             */
            rule: string;
            /**
             * Early
             * @description 是否只是早到 / Whether it only came early
             */
            early: boolean;
            says: components["schemas"]["Bilingual"];
        };
        /**
         * MissingMaterialDocument
         * @description One material that was missing when the case was accepted (容缺).
         */
        MissingMaterialDocument: {
            /** Name */
            name: string;
            standing: components["schemas"]["SupplementStanding"];
            /** Dueon */
            dueOn: string | null;
            /**
             * Askedby
             * @description 告知部门 / The department that said so
             */
            askedBy: string;
            /** Suppliedat */
            suppliedAt: string | null;
        };
        /**
         * Myself
         * @description The operator who asks.
         */
        Myself: {
            /** Account */
            account: string;
            /**
             * Kind
             * @description 密钥、密码会话、令牌或外部身份 / By a key, a password, a token or an issuer
             */
            kind: string;
            /** Rights */
            rights: components["schemas"]["Right"][];
            /**
             * Regions
             * @description 负责的区划，空为全部 / Regions; empty: all
             */
            regions: string[];
            /**
             * Organisations
             * @description 负责的系统，空为全部 / Systems; empty: all
             */
            organisations: string[];
            /** Expiresat */
            expiresAt: string | null;
        };
        /**
         * NotReady
         * @description The hub cannot take messages or deliver them now.
         */
        NotReady: {
            /**
             * Status
             * @constant
             */
            status: "not_ready";
            /** Hub */
            hub: string;
            /** Blocked */
            blocked: components["schemas"]["Blocked"][];
            /**
             * Concerns
             * @default []
             */
            concerns: components["schemas"]["Blocked"][];
        };
        /**
         * Noting
         * @description A note on a group; an empty one takes it away.
         */
        Noting: {
            /** Note */
            note: string;
        };
        /**
         * OpenAlarm
         * @description One condition that is open.
         */
        OpenAlarm: {
            /**
             * Id
             * @description 同一情况持续期间不变 / The same as long as the condition lasts, on every hub
             */
            id: string;
            /**
             * Severity
             * @enum {string}
             */
            severity: "blocked" | "concern";
            /** What */
            what: string;
            /** Destination */
            destination: string | null;
            /** Source */
            source: string | null;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /** Reason */
            reason: string;
            /**
             * Runbook
             * @description 处置说明，docs 下的页面 / What to do: a page under docs
             */
            runbook: string;
        };
        /**
         * OpenAlarms
         * @description All that are open, what blocks first.
         */
        OpenAlarms: {
            /** Alarms */
            alarms: components["schemas"]["OpenAlarm"][];
        };
        /**
         * OpsDestination
         * @description A destination with all that an overview shows of it.
         */
        OpsDestination: {
            /** Destination */
            destination: string;
            /**
             * Configured
             * @description 部署文件中有它 / The deployment file names it
             */
            configured: boolean;
            /**
             * State
             * @description open 正常投递；paused 人工暂停；away 无应答，已熔断；probing 正在探测 / Sent to; paused by a person; behind an open breaker; being probed
             * @enum {string}
             */
            state: "open" | "paused" | "away" | "probing";
            /**
             * Since
             * @description 停止投递的起始时间 / Since when it is sent nothing
             */
            since: string | null;
            /**
             * Reason
             * @description 暂停的理由，否则为对方最近一次的失败，长数字已遮盖 / Why it is paused, else how it last failed; long numbers of the far side are masked
             */
            reason: string;
            breaker: components["schemas"]["Breaker"];
            /**
             * Failures
             * @description 连续失败次数 / Failures in a row
             */
            failures: number;
            /**
             * Opened
             * @description 累计熔断次数 / How often its breaker ever opened
             */
            opened: number;
            /** Nextprobe */
            nextProbe: string | null;
            paused: components["schemas"]["Pausing"] | null;
            /**
             * Deliveries
             * @description 未完成件数，按状态 / Deliveries that are not finished, by state
             */
            deliveries: {
                [key: string]: number;
            };
            /** System */
            system: string | null;
            /** Waiting */
            waiting: number;
            /** Indoubt */
            inDoubt: number;
            /** Dead */
            dead: number;
            /** Unanswered */
            unanswered: number;
            /**
             * Overdue
             * @description 最终答复逾期件数 / Final answers that are overdue
             */
            overdue: number;
            /**
             * Blocking
             * @description 阻塞其通道的件数 / How many hold up what is behind them
             */
            blocking: number;
            /**
             * Oldest
             * @description 最早未完成的受理时间 / When the oldest that is not finished was accepted
             */
            oldest: string | null;
            /**
             * Lagseconds
             * @description 轮到而未送达的最久等待 / How long the oldest whose turn has come has waited since its acceptance
             */
            lagSeconds: number | null;
            /**
             * Breaching
             * @description 若不恢复，将超期的办件数 / Cases that will breach if it stays down; null: it is not down
             */
            breaching: number | null;
            pace: components["schemas"]["hub__api__ops_destinations__Pace"];
        };
        /**
         * OpsDestinations
         * @description All of them, by name.
         */
        OpsDestinations: {
            /** Countedat */
            countedAt: string | null;
            /**
             * Routetable
             * @description 本实例所用的路由表版本 / The route table that this hub goes by
             */
            routeTable: string;
            /** Destinations */
            destinations: components["schemas"]["OpsDestination"][];
        };
        /**
         * OpsMessage
         * @description A message, everything that happened to it in order, and what is in its way now.
         */
        OpsMessage: {
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /** System */
            system: string;
            /** Id */
            id: string;
            /** Contract */
            contract: string;
            /** Contractversion */
            contractVersion: number;
            /** Case */
            case: string;
            /** Time */
            time: string | null;
            /**
             * Acceptedat
             * Format: date-time
             */
            acceptedAt: string;
            /** Digest */
            digest: string;
            receipt: components["schemas"]["Receipt"];
            /** Deliveries */
            deliveries: components["schemas"]["Delivery"][];
            /** Now */
            now: components["schemas"]["Where"][];
            /** Entries */
            entries: components["schemas"]["TimelineEntry"][];
        };
        /**
         * OpsSystem
         * @description A system as the hub knows it.
         */
        OpsSystem: {
            /** System */
            system: string;
            /** Anycase */
            anyCase: boolean;
            /** Dialects */
            dialects: string[];
            /**
             * May
             * @description 可做的事；未列出的一律不可 / What it may do; nothing else
             */
            may: components["schemas"]["OwnGrant"][];
            /**
             * Keys
             * @description API 密钥个数 / How many API keys it has
             */
            keys: number;
            /**
             * Credentials
             * @description 有期限的凭据 / EndingCredentials of its that end
             */
            credentials: components["schemas"]["EndingCredential"][];
            /** Destinations */
            destinations: components["schemas"]["OpsDestination"][];
            /** Sources */
            sources: components["schemas"]["SourceState"][];
        };
        /**
         * OpsSystems
         * @description All of them, by name.
         */
        OpsSystems: {
            /** Systems */
            systems: components["schemas"]["OpsSystem"][];
        };
        /**
         * OutlookDocument
         * @description One destination, if it stays down until ``by``.
         */
        OutlookDocument: {
            /** Destination */
            destination: string;
            /**
             * By
             * Format: date-time
             */
            by: string;
            /**
             * Coming
             * @description 届时将超期的办件数 / Cases that will breach by then
             */
            coming: number;
            /**
             * Looked
             * @description 有消息未送达的办件数 / Cases of which it does not have everything
             */
            looked: number;
            /**
             * Unreckoned
             * @description 无法计算的办件数 / Cases of which nobody can tell
             */
            unreckoned: number;
            /**
             * Yearunknown
             * @description 日历缺少此年 / The year that the calendar lacks
             */
            yearUnknown: number | null;
            /**
             * More
             * @description 是否还有未查看的办件 / Whether there are more cases than were looked at
             */
            more: boolean;
            /**
             * Breaches
             * @description 最急者在前 / The most urgent first
             */
            breaches: components["schemas"]["BreachDocument"][];
        };
        /**
         * OwnGrant
         * @description One thing that the system may do. Without ``regions`` and ``items`` these are no limit.
         */
        OwnGrant: {
            /** @description 发送、接收、查询、向登记机构提问 / Send, receive, ask about, or ask a register */
            verb: components["schemas"]["Verb"];
            /**
             * Contracts
             * @description 契约或查询的名称，* 为全部 / Contracts, or a lookup's name; `*` for all
             */
            contracts: string[];
            /**
             * Regions
             * @description 行政区划，含其下各级 / Division codes, each with all below it
             */
            regions: string[];
            /**
             * Items
             * @description 事项编码或其开头 / Item codes, or their beginnings
             */
            items: string[];
            /**
             * Rule
             * @description 规则名称，即在部署文件中的位置 / The rule's name: where the deployment has it
             */
            rule: string;
        };
        /**
         * ParkedMessage
         * @description One message that waits.
         */
        ParkedMessage: {
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /** Case */
            case: string;
            /** System */
            system: string;
            /** Contract */
            contract: string;
            /**
             * Rule
             * @description 所依规则的编号 / The number of the rule by which it waits
             */
            rule: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Until
             * Format: date-time
             * @description 至多等到此时，届时带标记放行 / It waits until then at most, and is passed on, marked
             */
            until: string;
        };
        /**
         * ParkedMessages
         * @description A page, in order of acceptance.
         */
        ParkedMessages: {
            /** Parked */
            parked: components["schemas"]["ParkedMessage"][];
            /** Next */
            next: string | null;
        };
        /**
         * Pausing
         * @description Who paused a destination, when and why.
         */
        Pausing: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Actor */
            actor: string;
            /** Reason */
            reason: string;
        };
        /**
         * Phase
         * @description Where a case stands, for people and filters; the rules look at the records themselves.
         * @enum {string}
         */
        Phase: "unknown" | "applied" | "correcting" | "prereviewed" | "refused" | "handling" | "suspended" | "closed" | "licensed" | "collected";
        /**
         * Problem
         * @description A refusal (RFC 9457). Programs branch on ``code``.
         */
        Problem: {
            /** Type */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Detail */
            detail: string;
            /** Code */
            code: string;
            titles: components["schemas"]["Bilingual"];
            details: components["schemas"]["Bilingual"];
            remedy: components["schemas"]["Bilingual"];
            /** Violations */
            violations: components["schemas"]["ViolationDocument"][];
            /**
             * Instance
             * @description 本次请求的标识 / This request
             * @default null
             */
            instance: string | null;
            /**
             * Retry After
             * @description 多少秒后可重试 / Seconds after which to try again
             * @default null
             */
            retry_after: number | null;
        };
        /**
         * ProposalPage
         * @description A page, newest first. ``next`` is the ``after`` of the next page.
         */
        ProposalPage: {
            /** Proposals */
            proposals: components["schemas"]["ProposalRecord"][];
            /** Next */
            next: string | null;
        };
        /**
         * ProposalRecord
         * @description One act that wants a second person.
         */
        ProposalRecord: {
            /**
             * Proposal
             * Format: uuid
             */
            proposal: string;
            /** Request */
            request: string;
            /** Kind */
            kind: string;
            /** Subject */
            subject: string;
            /**
             * Content
             * @description 将做之事的摘要 / A digest of exactly what would be done
             */
            content: string;
            /**
             * Size
             * @description 涉及件数 / How many it touches
             */
            size: number;
            /** Proposer */
            proposer: string;
            /** Reason */
            reason: string;
            /**
             * Proposedat
             * Format: date-time
             */
            proposedAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * State
             * @description 状态 / `waiting`, `approved`, `refused`, `expired` or `done`
             */
            state: string;
            /** Approver */
            approver: string | null;
            /** Approvedat */
            approvedAt: string | null;
            /**
             * Word
             * @description 第二人的理由 / Why the second person said so
             */
            word: string;
        };
        /**
         * ProposalWhole
         * @description One act with all that is approved by approving it.
         */
        ProposalWhole: {
            /**
             * Proposal
             * Format: uuid
             */
            proposal: string;
            /** Request */
            request: string;
            /** Kind */
            kind: string;
            /** Subject */
            subject: string;
            /**
             * Content
             * @description 将做之事的摘要 / A digest of exactly what would be done
             */
            content: string;
            /**
             * Size
             * @description 涉及件数 / How many it touches
             */
            size: number;
            /** Proposer */
            proposer: string;
            /** Reason */
            reason: string;
            /**
             * Proposedat
             * Format: date-time
             */
            proposedAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * State
             * @description 状态 / `waiting`, `approved`, `refused`, `expired` or `done`
             */
            state: string;
            /** Approver */
            approver: string | null;
            /** Approvedat */
            approvedAt: string | null;
            /**
             * Word
             * @description 第二人的理由 / Why the second person said so
             */
            word: string;
            /**
             * Details
             * @description 将做之事逐行：投递及其状态与次数、账号原来与将来、路由表全文；过长则截断 / What would be done, line by line: deliveries with state and attempt, an account as it is and would be, or the whole route table; cut where it is very long
             */
            details: string;
        };
        /**
         * Ready
         * @description The hub takes messages and delivers them.
         */
        Ready: {
            /**
             * Status
             * @constant
             */
            status: "ready";
            /** Hub */
            hub: string;
            /**
             * Concerns
             * @description 不妨碍工作、但需处理的问题 / What does not block, and needs mending
             * @default []
             */
            concerns: components["schemas"]["Blocked"][];
        };
        /**
         * Receipt
         * @description The hub took the message over; the same bytes again for a repeat.
         */
        Receipt: {
            /**
             * V
             * @description 第 1 版没有 commitment 与 salt / Version 1 has no commitment and no salt
             * @enum {integer}
             */
            v: 1 | 2;
            /**
             * Type
             * @constant
             */
            type: "accepted";
            /** Hub */
            hub: string;
            /**
             * Message
             * Format: uuid
             * @description 中枢给的消息编号 / The message's id in the hub
             */
            message: string;
            /** System */
            system: string;
            /**
             * Id
             * @description 发送方给的消息 id / The sender's own id
             */
            id: string;
            /** Contract */
            contract: string;
            /** Contractversion */
            contractVersion: number;
            /** Case */
            case: string;
            /**
             * Commitment
             * @description salt 与 digest 的 SHA-256，存证中只有它 / SHA-256 of salt and digest; all that the evidence keeps
             * @default null
             */
            commitment: string | null;
            /**
             * Acceptedat
             * Format: date-time
             */
            acceptedAt: string;
            /**
             * Warnings
             * @description 标识与编码的警告 / Warnings about identifiers
             * @default null
             */
            warnings: components["schemas"]["Warned"][] | null;
            /** Leaf */
            leaf: string;
            /** Digest */
            digest: string;
            /**
             * Salt
             * @default null
             */
            salt: string | null;
            /**
             * @description 中枢的签名，有密钥时才有 / The hub's signature, where it has a key
             * @default null
             */
            signature: components["schemas"]["ReceiptSignature"] | null;
        };
        /**
         * ReceiptSignature
         * @description The hub's signature, which many receipts share: over the root of a tree that the receipt's leaf leads to by its path.
         */
        ReceiptSignature: {
            /**
             * Suite
             * @enum {string}
             */
            suite: "intl-1" | "gm-1";
            /**
             * Key
             * @description 签名证书的 SHA-256 / SHA-256 of the certificate that signed
             */
            key: string;
            /** Value */
            value: string;
            /** Size */
            size: number;
            /** Index */
            index: number;
            /** Path */
            path: string[];
        };
        /**
         * Replay
         * @description A replay as it stands. ``stoppedBy`` is empty when it stopped itself.
         */
        Replay: {
            /**
             * Replay
             * Format: uuid
             */
            replay: string;
            state: components["schemas"]["ReplayState"];
            /** Actor */
            actor: string;
            /** Via */
            via: string;
            /** Reason */
            reason: string;
            /**
             * Madeat
             * Format: date-time
             */
            madeAt: string;
            /** Endedat */
            endedAt: string | null;
            /** Rate */
            rate: number;
            /** Tolerance */
            tolerance: number;
            /** Step */
            step: number;
            /** Stepsize */
            stepSize: number;
            /** Stoppedby */
            stoppedBy: string;
            /** Stopcode */
            stopCode: string;
            /** Stopdetail */
            stopDetail: string;
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Lots */
            lots: components["schemas"]["Lot"][];
        };
        /**
         * ReplayState
         * @description A stopped replay may be resumed; a finished one is over.
         * @enum {string}
         */
        ReplayState: "running" | "stopped" | "finished";
        /**
         * ReplayWanted
         * @description Deliveries to be sent again.
         */
        ReplayWanted: {
            /**
             * Request
             * @description 客户端给这项操作的名称；重复提交只执行一次 / The client's name for this act: sent twice, it is done once
             */
            request: string;
            /**
             * Reason
             * @description 理由，不含个人信息 / Why; nothing personal. It is recorded, and told to the sender of the message
             */
            reason: string;
            /**
             * Group
             * @default null
             */
            group: number | null;
            /**
             * Seen
             * @description 只含此刻之前的；试算给出 / Of the group only what had failed by then, as a dry run tells
             * @default null
             */
            seen: string | null;
            /**
             * Deliveries
             * @default []
             */
            deliveries: string[];
            /**
             * Mode
             * @description as_recorded：发往原目的地；replanned：按现行路由表，已有该消息的目的地不再发送 / To where it was planned, or by the present route table; whoever has the message gets it no second time
             * @default as_recorded
             * @enum {string}
             */
            mode: "as_recorded" | "replanned";
            /**
             * Dry Run
             * @description 只试算，不执行 / Only tell what would be done
             * @default false
             */
            dry_run: boolean;
            /**
             * Rate
             * @description 每秒至多件数 / The most deliveries a second
             * @default 50
             */
            rate: number;
            /**
             * Tolerance
             * @description 一级中可再次失败的比例，超过即自行停止 / The share of a step that may fail again before it stops itself
             * @default 0.1
             */
            tolerance: number;
        };
        /**
         * Replays
         * @description The newest replays, newest first.
         */
        Replays: {
            /** Replays */
            replays: components["schemas"]["Replay"][];
        };
        /**
         * Resolving
         * @description What deliveries in doubt came to.
         */
        Resolving: {
            /**
             * Request
             * @description 客户端给这项操作的名称；重复提交只执行一次 / The client's name for this act: sent twice, it is done once
             */
            request: string;
            /**
             * Reason
             * @description 理由，不含个人信息 / Why; nothing personal. It is recorded, and told to the sender of the message
             */
            reason: string;
            /** Deliveries */
            deliveries: string[];
            /**
             * Verdict
             * @description not_delivered 会重新发送 / Delivered, or not: then they are sent again, as a replay
             * @enum {string}
             */
            verdict: "delivered" | "not_delivered";
            /**
             * Reference
             * @description 对方凭证号 / The far side's own proof
             * @default
             */
            reference: string;
        };
        /**
         * Right
         * @description What an operator may do.
         * @enum {string}
         */
        Right: "read" | "act" | "approve" | "audit" | "unmask" | "admin";
        /**
         * RouteTables
         * @description What is in force in all hubs, what this hub goes by, and how it came to that.
         */
        RouteTables: {
            /** Seq */
            seq: number;
            /**
             * Active
             * @description 现用的表，空为从未启用 / The table in force; empty: none ever was
             */
            active: string;
            /**
             * Here
             * @description 本实例所用的表 / The table that this hub goes by
             */
            here: string;
            /**
             * Trouble
             * @description 本实例为何不能用现用的表 / Why this hub cannot go by the table in force
             */
            trouble: string;
            shadow: components["schemas"]["ShadowTable"] | null;
            /** History */
            history: components["schemas"]["TableActivation"][];
        };
        /**
         * Searched
         * @description What is looked for: a case number, an id, a system's own number, an outcome code.
         */
        Searched: {
            /** Text */
            text: string;
        };
        /**
         * Session
         * @description A session that began. The token is shown now and never again.
         */
        Session: {
            /** Token */
            token: string;
            /** Account */
            account: string;
            /** Title */
            title: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
        };
        /**
         * ShadowDifference
         * @description One thing that the shadow does otherwise, of one contract from one system.
         */
        ShadowDifference: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "appears" | "vanishes" | "changes" | "refused" | "taken";
            /** Destination */
            destination: string | null;
            /** System */
            system: string;
            /** Contract */
            contract: string;
            /** Old */
            old: string;
            /** New */
            new: string;
            /** Count */
            count: number;
            /**
             * Firstat
             * Format: date-time
             */
            firstAt: string;
            /**
             * Lastat
             * Format: date-time
             */
            lastAt: string;
            /**
             * Samples
             * @description 消息，至多五件 / Messages, five at most
             */
            samples: string[];
        };
        /**
         * ShadowTable
         * @description The table that runs beside the active one and delivers nowhere.
         */
        ShadowTable: {
            /** Version */
            version: string;
            /**
             * Planned
             * @description 试过的消息件数 / Messages it was tried on
             */
            planned: number;
            /** Differing */
            differing: number;
            /** Differences */
            differences: components["schemas"]["ShadowDifference"][];
        };
        /**
         * SigningIn
         * @description Who wants in.
         */
        SigningIn: {
            /**
             * Account
             * @description 账号。The account.
             */
            account: string;
            /**
             * Password
             * @description 密码。The password.
             */
            password: string;
        };
        /**
         * SourceState
         * @description A source of a system, and what is wrong with it, if something is.
         */
        SourceState: {
            /** Source */
            source: string;
            /** Trouble */
            trouble: string | null;
            /** Since */
            since: string | null;
        };
        /**
         * State
         * @description Where a delivery is. The first six are open, the rest final.
         * @enum {string}
         */
        State: "waiting" | "offered" | "sending" | "accepted" | "in_doubt" | "dead" | "delivered" | "expired" | "withdrawn" | "skipped";
        /**
         * SupplementDocument
         * @description What was last said of the materials that were to follow.
         */
        SupplementDocument: {
            news: components["schemas"]["SupplementNews"];
            /**
             * Dueon
             * @description 尚缺材料中最近的期限 / The first last day of what is missing still
             */
            dueOn: string | null;
            /**
             * Consequence
             * @description 超期处理方法 / What happens if it does not come in time
             */
            consequence: string;
            /** Materials */
            materials: components["schemas"]["MissingMaterialDocument"][];
        };
        /**
         * SupplementNews
         * @description 容缺材料的进展.
         * @enum {string}
         */
        SupplementNews: "asked" | "supplied" | "extended" | "overdue" | "complete";
        /**
         * SupplementStanding
         * @description 容缺材料的状态.
         * @enum {string}
         */
        SupplementStanding: "awaited" | "supplied" | "overdue";
        /**
         * TableActivation
         * @description One activation. ``via`` is ``start`` where a hub began with a table that never was active.
         */
        TableActivation: {
            /** Seq */
            seq: number;
            /** Version */
            version: string;
            /** Actor */
            actor: string;
            /** Via */
            via: string;
            /** Reason */
            reason: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
        };
        /**
         * Ticking
         * @description What the legal clock of a case does.
         * @enum {string}
         */
        Ticking: "not_started" | "running" | "paused" | "stopped";
        /**
         * TimelineEntry
         * @description One thing that happened. Empty fields say nothing of it.
         */
        TimelineEntry: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            what: components["schemas"]["What"];
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /** Contract */
            contract: string;
            /**
             * Topic
             * @description 消息所关：申请、用印、通知、寄递等 / What the message is about: seal, notice, shipment…
             */
            topic: string;
            /**
             * System
             * @description 受理：发送方 / accepted: the sender
             */
            system: string;
            /** Destination */
            destination: string;
            /** Delivery */
            delivery: string | null;
            /** Attempt */
            attempt: number | null;
            /**
             * State
             * @description 结果，或操作：replayed、added 或最终状态 / What came of it; of an act: replayed, added or a final state
             */
            state: string;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Reference */
            reference: string;
            /**
             * Until
             * @description held：直到何时；空为仍在等待 / held: until when; null: still
             */
            until: string | null;
            /**
             * By
             * @description 操作员；只对操作员显示 / The operator who acted; shown to operators only
             */
            by: string;
            /**
             * Reason
             * @description 操作理由；只对操作员显示 / The reason given; shown to operators only
             */
            reason: string;
            /**
             * Transaction
             * @description 所属业务事务 / The business transaction whose part the message is
             */
            transaction: string | null;
            /**
             * Part
             * @description 发起 begins、步骤 step、补偿 undo、结果 ended / What it is to that: begins, step, undo or ended
             */
            part: string;
            /** Step */
            step: string;
            /**
             * Why
             * @description undo、ended：撤销的原因 / undo, ended: why it is undone
             */
            why: string;
        };
        /**
         * TransactionPartDocument
         * @description A message of a business transaction.
         */
        TransactionPartDocument: {
            /** Part */
            part: string;
            /** Step */
            step: string;
            /**
             * Message
             * Format: uuid
             */
            message: string;
        };
        /**
         * Verb
         * @description What a system may want to do with a message or a register.
         * @enum {string}
         */
        Verb: "send" | "receive" | "query" | "look_up";
        /**
         * ViolationDocument
         * @description One thing that is wrong, and how to mend it.
         */
        ViolationDocument: {
            /** Code */
            code: string;
            /**
             * Path
             * @description JSONPath，指向发送方所写的消息 / JSONPath into the message as its sender wrote it
             */
            path: string;
            expected: components["schemas"]["Bilingual"];
            remedy: components["schemas"]["Bilingual"];
        };
        /**
         * Warned
         * @description Something odd about an identifier: no reason for a refusal, but for a question.
         */
        Warned: {
            /** Code */
            code: string;
            /**
             * Path
             * @description JSONPath，指向发送方所写的消息 / JSONPath into the message as its sender wrote it
             */
            path: string;
        };
        /**
         * What
         * @description What happened.
         * @enum {string}
         */
        What: "accepted" | "parked" | "released" | "held" | "attempt" | "told_late" | "settled" | "act";
        /**
         * Where
         * @description One delivery that has not come to its end, or a message that waits by a rule, and what it waits for.
         */
        Where: {
            /**
             * Message
             * Format: uuid
             */
            message: string;
            /** Contract */
            contract: string;
            /** Destination */
            destination: string;
            /** Delivery */
            delivery: string | null;
            state: components["schemas"]["State"] | null;
            /** Position */
            position: number | null;
            hindrance: components["schemas"]["Hindrance"];
            /** Code */
            code: string;
            /** Blockedby */
            blockedBy: string | null;
            /** Since */
            since: string | null;
            /**
             * Until
             * @description 届时自行继续 / When it goes on by itself
             */
            until: string | null;
        };
        /**
         * Deciding
         * @description What the second person says. ``content`` is that of the proposal as it was seen: of nothing else is it said.
         */
        hub__api__approvals__Deciding: {
            /**
             * Content
             * @description 所见提议的内容摘要。The content that was seen.
             */
            content: string;
            /**
             * Reason
             * @description 理由，不含个人信息。Why; nothing personal.
             */
            reason: string;
        };
        /**
         * Pace
         * @description How fast it goes, as the hub that answers has counted.
         */
        hub__api__ops_destinations__Pace: {
            /** Plannedperminute */
            plannedPerMinute: number;
            /** Deliveredperminute */
            deliveredPerMinute: number;
            /**
             * Course
             * @description 每十秒送达件数，最近十分钟，旧的在前 / Delivered in each ten seconds, up to ten minutes
             */
            course: number[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    isReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 就绪 / It can */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
            /** @description 未就绪 / It cannot */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotReady"];
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListDestinations: {
        parameters: {
            query?: {
                /** @description 只看此状态 / Only those in this state */
                state?: "open" | "paused" | "away" | "probing";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 现状 / As it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpsDestinations"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListSystems: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 系统 / The systems */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpsSystems"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListCertificates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 凭据 / The credentials */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndingCredentials"];
                };
            };
            /** @description - `E_STOPPING` 系统正在停止 / Stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListAlarms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 告警 / The alarms */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAlarms"];
                };
            };
            /** @description - `E_STOPPING` 系统正在停止 / Stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsSearch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Searched"];
            };
        };
        responses: {
            /** @description 匹配 / The matches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Matches"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STORE_DOWN` 材料库暂不可用 / Store of materials unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsGetMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 消息编号 / The message's id */
                message: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 消息 / The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpsMessage"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STORE_DOWN` 材料库暂不可用 / Store of materials unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsGetCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 统一办件编号 / The case number */
                case: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 时间线，按先后 / The timeline, in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STORE_DOWN` 材料库暂不可用 / Store of materials unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListParked: {
        parameters: {
            query?: {
                /** @description 每页条数 / The most of a page */
                limit?: number;
                /** @description 上一页的 next / The `next` of the page before */
                after?: string;
                /** @description 只看此规则 / Only what waits by this rule */
                rule?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一页，按受理先后 / A page, in order of acceptance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedMessages"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsAdoptCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 统一办件编号 / The case number */
                case: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Act"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListDeadlines: {
        parameters: {
            query?: {
                /** @description 只看此目的地 / Only this destination */
                destination?: string;
                /** @description RFC 3339 时间，省略为下一次下班 / An RFC 3339 time; the next end of a day's work if left out */
                by?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 按目的地 / By destination */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deadlines"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListDeadGroups: {
        parameters: {
            query?: {
                /** @description 每页条数 / The most of a page */
                limit?: number;
                /** @description 上一页的 next / The `next` of the page before */
                after?: number;
                /** @description 只看此目的地 / Only this destination's */
                destination?: string;
                /** @description 只看此结果代码 / Only this outcome code */
                code?: string;
                /** @description 只看此契约 / Only this contract */
                contract?: string;
                /** @description 只看死信（dead）或存疑（in_doubt） / Only dead letters (`dead`), or those in doubt (`in_doubt`) */
                state?: "dead" | "in_doubt";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一页 / A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadGroups"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListDeadLetters: {
        parameters: {
            query?: {
                /** @description 每页条数 / The most of a page */
                limit?: number;
                /** @description 上一页的 next / The `next` of the page before */
                after?: string;
            };
            header?: never;
            path: {
                /** @description 死信组编号 / The group's number */
                group: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一页 / A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetters"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsNoteDeadGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 死信组编号 / The group's number */
                group: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Noting"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsDiscardDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Choosing"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsResolveDoubt: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resolving"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /** @description 重放已开始 / The replay has begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListReplays: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 新的在前 / Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replays"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsStartReplay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayWanted"];
            };
        };
        responses: {
            /** @description 试算结果 / The dry run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DryRun"];
                };
            };
            /** @description 已开始；重复提交得到同一重放 / It has begun; a repeat gets the same */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsGetReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 重放编号 / The replay's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 进展 / As it stands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsStopReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 重放编号 / The replay's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Halting"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsResumeReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 重放编号 / The replay's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Halting"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsPauseDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 目的地编号 / The destination's id */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Act"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsResumeDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 目的地编号 / The destination's id */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Act"];
            };
        };
        responses: {
            /** @description 已记录 / Recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActDone"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListRouteTables: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 现状 / As it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteTables"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListActs: {
        parameters: {
            query?: {
                /** @description 每页条数 / The most of a page */
                limit?: number;
                /** @description 上一页的 next / The `next` of the page before */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一页 / A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acts"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SigningIn"];
            };
        };
        responses: {
            /** @description 会话 / The session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /**
             * @description - `E_BUSY` 系统繁忙 / Busy
             *     - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsSignOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 已结束 / It is over */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsGetOperator: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 操作员 / The operator */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Myself"];
                };
            };
            /** @description - `E_STOPPING` 系统正在停止 / Stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListApprovals: {
        parameters: {
            query?: {
                /** @description 每页条数 / The most of a page */
                limit?: number;
                /** @description 上一页的 next / The `next` of the page before */
                after?: string;
                /** @description true 只列出待决定的 / `true`: only those that wait */
                waiting?: "true";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一页 / A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalPage"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsGetApproval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 提议编号 / The proposal's id */
                proposal: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 提议 / The proposal */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalWhole"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsApproveProposal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 提议编号 / The proposal's id */
                proposal: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["hub__api__approvals__Deciding"];
            };
        };
        responses: {
            /** @description 已决定 / Decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approvals"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsRefuseProposal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 提议编号 / The proposal's id */
                proposal: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["hub__api__approvals__Deciding"];
            };
        };
        responses: {
            /** @description 已决定 / Decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approvals"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListAudit: {
        parameters: {
            query?: {
                /** @description 每页条数 / The most of a page */
                limit?: number;
                /** @description 上一页的 next / The `next` of the page before */
                after?: string;
                /** @description 账号 / The account */
                account?: string;
                /** @description 操作种类 / The kind of act */
                act?: string;
                /** @description 统一办件编号 / The case number */
                case?: string;
                /** @description 自何时起（RFC 3339） / From when on (RFC 3339) */
                since?: string;
                /** @description 至何时止，不含（RFC 3339） / Before when (RFC 3339) */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一页 / A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /**
             * @description - `E_JOURNAL_DOWN` 日志库暂不可用 / Journal unavailable
             *     - `E_STOPPING` 系统正在停止 / Stopping
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    opsListContracts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 全部契约及版本 / Every contract version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractList"];
                };
            };
            /** @description - `E_STOPPING` 系统正在停止 / Stopping */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
