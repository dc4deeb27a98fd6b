# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Code lists. Where GB/T 39046-2020 gives a code, its code is the canonical one; elsewhere a word is.

Sites use other codes for the same facts, and the same code for other facts. Mapping those is a matter of each adapter's
configuration; nothing here is ever compared with what a site sent.
"""

from contracts.codes.code import Code as Code
from contracts.codes.consultations import ConsultationKind as ConsultationKind
from contracts.codes.consultations import ConsultationOutcome as ConsultationOutcome
from contracts.codes.consultations import ConsultationStage as ConsultationStage
from contracts.codes.consultations import OpinionKind as OpinionKind
from contracts.codes.consultations import OpinionStanding as OpinionStanding
from contracts.codes.handling import AcceptanceDecision as AcceptanceDecision
from contracts.codes.handling import AcceptanceFinding as AcceptanceFinding
from contracts.codes.handling import ApplicantType as ApplicantType
from contracts.codes.handling import CaseClosing as CaseClosing
from contracts.codes.handling import CaseType as CaseType
from contracts.codes.handling import Channel as Channel
from contracts.codes.handling import CollectionMethod as CollectionMethod
from contracts.codes.handling import CompletionResult as CompletionResult
from contracts.codes.handling import MaterialStage as MaterialStage
from contracts.codes.handling import PrereviewDecision as PrereviewDecision
from contracts.codes.handling import SpecialProcedure as SpecialProcedure
from contracts.codes.handling import StepAction as StepAction
from contracts.codes.handling import StepStatus as StepStatus
from contracts.codes.items import ExerciseLevel as ExerciseLevel
from contracts.codes.items import HandlingScope as HandlingScope
from contracts.codes.items import ItemCodeKind as ItemCodeKind
from contracts.codes.items import ItemStatus as ItemStatus
from contracts.codes.items import ItemType as ItemType
from contracts.codes.items import OrganisationNature as OrganisationNature
from contracts.codes.items import PeriodUnit as PeriodUnit
from contracts.codes.notices import NoticeChannel as NoticeChannel
from contracts.codes.notices import NoticeClass as NoticeClass
from contracts.codes.notices import NoticeMoment as NoticeMoment
from contracts.codes.notices import NoticeReportKind as NoticeReportKind
from contracts.codes.notices import NoticeStatus as NoticeStatus
from contracts.codes.notices import QuietHours as QuietHours
from contracts.codes.oversight import LicensingKind as LicensingKind
from contracts.codes.oversight import PublishedDecision as PublishedDecision
from contracts.codes.oversight import SupervisedRole as SupervisedRole
from contracts.codes.oversight import Validity as Validity
from contracts.codes.oversight import WarningSeverity as WarningSeverity
from contracts.codes.oversight import WarningTrigger as WarningTrigger
from contracts.codes.packages import PackageOutcome as PackageOutcome
from contracts.codes.packages import PartStanding as PartStanding
from contracts.codes.payments import FeeNoticeStatus as FeeNoticeStatus
from contracts.codes.payments import PaymentChannel as PaymentChannel
from contracts.codes.payments import PaymentKind as PaymentKind
from contracts.codes.projects import ProjectStage as ProjectStage
from contracts.codes.projects import ProjectState as ProjectState
from contracts.codes.projects import ProjectType as ProjectType
from contracts.codes.public import AppointmentState as AppointmentState
from contracts.codes.public import IdentityMethod as IdentityMethod
from contracts.codes.public import InquiryKind as InquiryKind
from contracts.codes.public import InquiryOutcome as InquiryOutcome
from contracts.codes.public import LegalPersonRole as LegalPersonRole
from contracts.codes.public import RealNameLevel as RealNameLevel
from contracts.codes.ratings import CaseProgress as CaseProgress
from contracts.codes.ratings import EvaluatorType as EvaluatorType
from contracts.codes.ratings import Rating as Rating
from contracts.codes.ratings import RatingGiver as RatingGiver
from contracts.codes.ratings import RatingPlatform as RatingPlatform
from contracts.codes.ratings import Satisfaction as Satisfaction
from contracts.codes.reconciling import DigestScope as DigestScope
from contracts.codes.reconciling import ReconcilingClock as ReconcilingClock
from contracts.codes.reconciling import ReconcilingFinding as ReconcilingFinding
from contracts.codes.reconciling import ReconcilingSide as ReconcilingSide
from contracts.codes.reconciling import ReconcilingVerdict as ReconcilingVerdict
from contracts.codes.reconciling import RecordDifference as RecordDifference
from contracts.codes.seals import SealResult as SealResult
from contracts.codes.seals import SealStructure as SealStructure
from contracts.codes.shipments import ApplicantSide as ApplicantSide
from contracts.codes.shipments import Carrier as Carrier
from contracts.codes.shipments import PostagePayer as PostagePayer
from contracts.codes.shipments import ShipmentDirection as ShipmentDirection
from contracts.codes.shipments import ShipmentOrderStatus as ShipmentOrderStatus
from contracts.codes.shipments import ShipmentStatus as ShipmentStatus
from contracts.codes.supplements import SupplementNews as SupplementNews
from contracts.codes.supplements import SupplementStanding as SupplementStanding
from contracts.codes.transactions import StepStanding as StepStanding
from contracts.codes.transactions import TransactionOutcome as TransactionOutcome
from contracts.codes.verification import FieldVerdict as FieldVerdict
from contracts.codes.verification import VerificationKind as VerificationKind
from contracts.codes.verification import VerificationResult as VerificationResult
from contracts.codes.verification import VerifiedField as VerifiedField
